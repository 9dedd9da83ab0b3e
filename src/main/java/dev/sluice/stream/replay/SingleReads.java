package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.message.StoredMessages;
import io.smallrye.mutiny.Uni;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads one message at a time, encoded in JSON. This is slow, but it can read messages that would otherwise close the
 * connection or lose their payload: those with headers that the client library cannot parse or takes for a status. It
 * is used to continue where another read failed.
 */
final class SingleReads {
    private static final int MAX_CONCURRENT = 4;

    private final StoredMessages messages;
    private final StreamStates states;

    SingleReads(StoredMessages messages, StreamStates states) {
        this.messages = messages;
        this.states = states;
    }

    /**
     * Returns the first selected message after {@code position}; fails with {@link StreamRecreatedException} if the
     * stream was recreated.
     */
    Uni<Optional<StreamMessage>> next(Selection selection, long position) {
        return earliest(selection, position)
                .call(() -> states.state(selection.stream()).invoke(now -> selection.check(now, position)));
    }

    private Uni<Optional<StreamMessage>> earliest(Selection selection, long position) {
        List<Uni<Optional<StoredMessage>>> reads = selection.singles().stream()
                .map(pattern -> next(selection.stream(), position + 1, pattern))
                .toList();
        return Uni.join()
                .all(reads)
                .usingConcurrencyOf(MAX_CONCURRENT)
                .andFailFast()
                .map(SingleReads::earliest);
    }

    /**
     * Reads the first selected message after {@code position} as a page, with the gap before it.
     *
     * @param known as in {@link StreamSource#page}
     */
    Uni<Page> page(Selection selection, long position, long known) {
        return earliest(selection, position).chain(next -> states.state(selection.stream())
                .invoke(now -> selection.check(now, position))
                .map(now -> {
                    long first = next.map(message -> Math.min(now.first(), message.sequence()))
                            .orElse(now.first());
                    return new Page(Gap.between(position, first), List.of(), Math.max(position, first - 1), 0)
                            .followedBy(next, selection, known);
                }));
    }

    /**
     * Returns whether the message at {@code sequence} was stored at {@code time}, in milliseconds since 1970. True if
     * there is no such message or {@code time} is 0.
     */
    Uni<Boolean> stillHolds(String stream, long sequence, long time) {
        if (time == 0) {
            return Uni.createFrom().item(true);
        }
        return messages.get(stream, sequence)
                .map(stored -> stored.at().toEpochMilli() == time)
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(true);
    }

    /**
     * Returns whether no selected message was stored after {@code position} up to {@code known}. False also if that is not
     * certain, because the stream has removed messages after {@code position}. Asks again after it has seen a state with
     * {@code known}: a new leader may have answered before it had the last messages of the former one.
     *
     * @param known a sequence that was stored before this call
     */
    Uni<Boolean> nothingUpTo(Selection selection, long position, long known) {
        Uni<Boolean> nothing = earliest(selection, position)
                .map(next -> next.filter(message -> message.sequence() <= known).isEmpty());
        return nothing.chain(none -> none
                ? states.state(selection.stream())
                        .invoke(now -> selection.check(now, known))
                        .chain(now -> now.first() <= position + 1
                                ? nothing
                                : Uni.createFrom().item(false))
                : Uni.createFrom().item(false));
    }

    /** Returns the page with the messages that no other message on the same subject follows in the stream. */
    Uni<Page> onlyLast(String stream, Page page) {
        Map<String, StreamMessage> last = new LinkedHashMap<>();
        page.messages().forEach(message -> last.put(message.message().subject(), message));
        if (last.isEmpty()) {
            return Uni.createFrom().item(page);
        }
        List<Uni<Optional<StreamMessage>>> reads = last.values().stream()
                .map(message -> next(
                                stream,
                                message.sequence() + 1,
                                message.message().subject())
                        .map(later -> later.isPresent() ? Optional.<StreamMessage>empty() : Optional.of(message)))
                .toList();
        return Uni.join()
                .all(reads)
                .usingConcurrencyOf(MAX_CONCURRENT)
                .andFailFast()
                .map(answers -> {
                    Set<StreamMessage> kept =
                            answers.stream().flatMap(Optional::stream).collect(Collectors.toSet());
                    return page.only(kept::contains);
                });
    }

    /** Returns the first message from {@code sequence} on, of any subject. */
    Uni<Optional<StreamMessage>> from(String stream, long sequence) {
        return next(stream, sequence, ">").map(found -> found.map(StreamMessage::of));
    }

    private Uni<Optional<StoredMessage>> next(String stream, long sequence, String pattern) {
        return messages.next(stream, sequence, pattern)
                .map(Optional::of)
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(Optional.empty());
    }

    private static Optional<StreamMessage> earliest(List<Optional<StoredMessage>> found) {
        return found.stream()
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(StoredMessage::sequence))
                .map(StreamMessage::of);
    }
}
