package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.orders.DeadLetterHeaders.Part;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * The stream of messages that could not be processed. Each is stored on {@code dead.<stream>} with its payload, its
 * headers and the reason. A message is stored once, even if several workers give it up at the same time: the message id
 * is its stream, its sequence and its store time.
 */
@Singleton
public final class DeadLetters {
    static final String STREAM = "DEAD_LETTERS";
    private static final byte[] NOTHING = {};

    private final StoredPublisher publisher;
    private final StoredMessages messages;
    private final LongAdder stored = new LongAdder();

    @Inject
    public DeadLetters(StoredPublisher publisher, StoredMessages messages) {
        this.publisher = publisher;
        this.messages = messages;
    }

    /**
     * Stores a copy of a failed message; completes when it is stored. If the copy with its additional headers is too
     * large, it is stored without the payload, without the headers or without both, which remain in the original
     * stream.
     */
    Uni<Receipt> store(FailedMessage failed) {
        return stored(failed, EnumSet.noneOf(Part.class))
                .onFailure(Failure.TOO_LARGE::matches)
                .recoverWithUni(() -> stored(failed, EnumSet.of(Part.PAYLOAD)))
                .onFailure(Failure.TOO_LARGE::matches)
                .recoverWithUni(() -> stored(failed, EnumSet.of(Part.HEADERS)))
                .onFailure(Failure.TOO_LARGE::matches)
                .recoverWithUni(() -> stored(failed, EnumSet.allOf(Part.class)))
                .invoke(receipt -> {
                    if (!receipt.duplicate()) {
                        stored.increment();
                    }
                });
    }

    private Uni<Receipt> stored(FailedMessage failed, Set<Part> omitted) {
        byte[] data = omitted.contains(Part.PAYLOAD) ? NOTHING : failed.data();
        return publisher.publish(new OutboundMessage(
                new Subject(subject(failed.stream())), DeadLetterHeaders.of(failed, omitted), data));
    }

    /** Returns the number of dead letters stored by this process, without duplicates of other processes. */
    public long stored() {
        return stored.sum();
    }

    /** @param sequence sequence in the dead-letter stream */
    Uni<DeadLetter> get(long sequence) {
        return messages.get(STREAM, sequence).map(DeadLetter::of);
    }

    /**
     * Emits up to {@code limit} dead letters from {@code first} on, of one original stream or all ({@code *}). One at a
     * time, because the payloads of all of them may not fit into memory.
     */
    Multi<DeadLetter> list(String stream, long first, int limit) {
        return Multi.createBy()
                .repeating()
                .uni(() -> new long[] {first}, next -> messages.next(STREAM, next[0], subject(stream))
                        .invoke(found -> next[0] = found.sequence() + 1))
                .atMost(limit)
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithCompletion()
                .map(DeadLetter::of);
    }

    /** Publishes the message again on its original subject, with a new message id. The dead letter is kept. */
    Uni<Receipt> redrive(long sequence) {
        return get(sequence).chain(letter -> {
            if (letter.subject().isEmpty()) {
                return Uni.createFrom()
                        .failure(Failure.INVALID.because("This message is no dead letter: it has no header "
                                + DeadLetterHeaders.SUBJECT + " with the subject to publish it on"));
            }
            if (!letter.complete()) {
                return Uni.createFrom()
                        .failure(Failure.INVALID.because(
                                "This dead letter was stored without the payload or the headers of its message"));
            }
            return publisher.publish(
                    new OutboundMessage(new Subject(letter.subject()), letter.redriveHeaders(), letter.data()));
        });
    }

    Uni<Void> delete(long sequence) {
        return messages.delete(STREAM, sequence);
    }

    private static String subject(String stream) {
        return "dead." + stream;
    }
}
