package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.stream.message.StoredMessage;
import dev.sluice.stream.message.StoredMessages;
import io.smallrye.mutiny.Uni;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads one message at a time, inside JSON. It is slow, and it passes what ends a connection or loses its payload when it
 * comes as a message: headers that the client library cannot read, or takes for a status. So it is the way past a place
 * where reading broke off.
 */
final class SingleReads {
    private static final int AT_ONCE = 4;

    private final StoredMessages messages;
    private final StreamStates states;

    SingleReads(StoredMessages messages, StreamStates states) {
        this.messages = messages;
        this.states = states;
    }

    /** The first selected message behind {@code position}; fails {@link StreamRecreatedException} if the stream is another one now. */
    Uni<Optional<StreamMessage>> next(Selection selection, long position) {
        List<Uni<Optional<StoredMessage>>> asked = selection.subjects().patterns().stream()
                .map(pattern -> next(selection.stream(), position + 1, pattern))
                .toList();
        return Uni.join()
                .all(asked)
                .usingConcurrencyOf(AT_ONCE)
                .andFailFast()
                .map(SingleReads::earliest)
                .call(() -> states.state(selection.stream()).invoke(now -> selection.check(now, position)));
    }

    /**
     * Whether the message at {@code sequence}, if there is one, is the one that was stored at {@code time}, in milliseconds
     * since 1970; 0 is any.
     */
    Uni<Boolean> stillHolds(String stream, long sequence, long time) {
        if (time == 0) {
            return Uni.createFrom().item(true);
        }
        return messages.get(stream, sequence)
                .map(stored -> stored.at().toEpochMilli() == time)
                .onFailure(SingleReads::noMessage)
                .recoverWithItem(true);
    }

    /** The first message from {@code sequence} on, of whatever subject. */
    Uni<Optional<StreamMessage>> from(String stream, long sequence) {
        return next(stream, sequence, new SubjectPattern(">")).map(found -> found.map(StreamMessage::of));
    }

    private Uni<Optional<StoredMessage>> next(String stream, long sequence, SubjectPattern pattern) {
        return messages.next(stream, sequence, pattern.value())
                .map(Optional::of)
                .onFailure(SingleReads::noMessage)
                .recoverWithItem(Optional.empty());
    }

    private static Optional<StreamMessage> earliest(List<Optional<StoredMessage>> found) {
        return found.stream()
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(StoredMessage::sequence))
                .map(StreamMessage::of);
    }

    private static boolean noMessage(Throwable thrown) {
        return thrown instanceof SluiceException failure && failure.failure() == Failure.NO_MESSAGE;
    }
}
