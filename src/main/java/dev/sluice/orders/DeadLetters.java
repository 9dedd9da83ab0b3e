package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Messages that nobody could process, in a stream of their own: on {@code dead.<stream>}, with their payload, their
 * headers and why. A message is buried once, however many workers give it up at the same time.
 */
@Singleton
public final class DeadLetters {
    static final String STREAM = "DEAD_LETTERS";
    private static final byte[] NOTHING = {};

    private final StoredPublisher publisher;
    private final StoredMessages messages;
    private final LongAdder buried = new LongAdder();

    @Inject
    public DeadLetters(StoredPublisher publisher, StoredMessages messages) {
        this.publisher = publisher;
        this.messages = messages;
    }

    /**
     * Stores a copy of what failed; done when it is stored. One that is too large together with what is said about it is
     * buried without its payload, which stays in its own stream.
     */
    Uni<Receipt> bury(FailedMessage failed) {
        return publisher
                .publish(message(failed, failed.data(), false))
                .onFailure(DeadLetters::tooLarge)
                .recoverWithUni(() -> publisher.publish(message(failed, NOTHING, true)))
                .invoke(receipt -> {
                    if (!receipt.duplicate()) {
                        buried.increment();
                    }
                });
    }

    /** Messages buried by this process; one that another had buried before does not count. */
    public long buried() {
        return buried.sum();
    }

    /** @param sequence in the dead letters' own stream */
    Uni<DeadLetter> get(long sequence) {
        return messages.get(STREAM, sequence).map(DeadLetter::of);
    }

    /** Dead letters from {@code first} on, at most {@code limit}, of one stream or of all ({@code *}). */
    Uni<List<DeadLetter>> list(String stream, long first, int limit) {
        return Multi.createBy()
                .repeating()
                .uni(() -> new long[] {first}, next -> messages.next(STREAM, next[0], subject(stream))
                        .invoke(found -> next[0] = found.sequence() + 1))
                .atMost(limit)
                .onFailure(DeadLetters::notFound)
                .recoverWithCompletion()
                .map(DeadLetter::of)
                .collect()
                .asList();
    }

    /** Publishes the message again, where it came from, under a fresh id. The dead letter stays. */
    Uni<Receipt> redrive(long sequence) {
        return get(sequence).chain(letter -> {
            if (letter.payloadOmitted()) {
                return Uni.createFrom()
                        .failure(Failure.INVALID.because("This dead letter was stored without its payload"));
            }
            return publisher.publish(
                    new OutboundMessage(new Subject(letter.subject()), letter.redriveHeaders(), letter.data()));
        });
    }

    Uni<Void> delete(long sequence) {
        return messages.delete(STREAM, sequence);
    }

    private static OutboundMessage message(FailedMessage failed, byte[] data, boolean omitted) {
        return new OutboundMessage(new Subject(subject(failed.stream())), DeadLetterHeaders.of(failed, omitted), data);
    }

    private static String subject(String stream) {
        return "dead." + stream;
    }

    private static boolean tooLarge(Throwable failure) {
        return failure instanceof SluiceException known && known.failure() == Failure.TOO_LARGE;
    }

    private static boolean notFound(Throwable failure) {
        return failure instanceof SluiceException known && known.failure() == Failure.NO_MESSAGE;
    }
}
