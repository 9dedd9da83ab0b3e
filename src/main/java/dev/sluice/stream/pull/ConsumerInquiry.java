package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Sends API requests about one pull consumer, one at a time. An answer that arrives after the next request, or after
 * {@link #forget}, is ignored.
 *
 * <p>Confined to {@code executor}, which also runs the listener.
 */
final class ConsumerInquiry {

    /** Receives the answer. */
    interface Listener {
        /** The consumer exists. {@code created} is true for the answer to a creation: nothing is delivered yet. */
        void known(ConsumerInfo consumer, boolean created);

        /** The consumer or its stream does not exist. */
        void missing(SluiceException why);

        /** The server rejects the request; a retry does not help. */
        void refused(SluiceException why);

        /** There is no answer, or the answer permits a later retry. */
        void unanswered(SluiceException why);
    }

    private final JetStreamApi api;
    private final ConsumerRef ref;
    private final Executor executor;
    private final Listener listener;
    private int current;
    /** The last creation. Completed if there was none. */
    private Uni<?> creation = Uni.createFrom().voidItem();

    ConsumerInquiry(JetStreamApi api, ConsumerRef ref, Executor executor, Listener listener) {
        this.api = api;
        this.ref = ref;
        this.executor = executor;
        this.listener = listener;
    }

    void ask(Connection connection) {
        send(api.consumerInfo(connection, ref), consumer -> known(consumer, false), this::failed);
    }

    void create(Connection connection, ConsumerDefinition definition) {
        Uni<ConsumerInfo> created =
                api.createConsumer(connection, definition).memoize().indefinitely();
        creation = created;
        send(created, consumer -> known(consumer, true), why -> {
            if (absent(why)) {
                listener.refused(why);
            } else {
                failed(why);
            }
        });
    }

    /** Deletes the consumer, then requests its info, which shows the result. */
    void delete(Connection connection) {
        send(api.deleteConsumer(connection, ref), deleted -> ask(connection), why -> ask(connection));
    }

    /**
     * Deletes the consumer and ignores the answer. A creation that is not answered yet is awaited, because the server may
     * process two requests in any order. The inactive threshold deletes the consumer if the request is lost.
     */
    void discard(Connection connection) {
        creation.onItemOrFailure()
                .transformToUni((created, failure) -> api.deleteConsumer(connection, ref))
                .subscribe()
                .with(deleted -> {}, failure -> {});
    }

    void forget() {
        current++;
    }

    private <T> void send(Uni<T> request, Consumer<T> answered, Consumer<SluiceException> failed) {
        int sent = ++current;
        request.emitOn(executor)
                .subscribe()
                .with(
                        answer -> ifCurrent(sent, () -> answered.accept(answer)),
                        failure -> ifCurrent(sent, () -> failed.accept(expected(failure))));
    }

    private void ifCurrent(int sent, Runnable action) {
        if (sent == current) {
            action.run();
        }
    }

    private static SluiceException expected(Throwable failure) {
        return failure instanceof SluiceException why
                ? why
                : Failure.UNAVAILABLE.because("JetStream does not answer", failure);
    }

    private void known(ConsumerInfo consumer, boolean created) {
        if (consumer.push()) {
            listener.refused(Failure.CONFLICT.because("The consumer " + ref + " is push based"));
        } else {
            listener.known(consumer, created);
        }
    }

    private void failed(SluiceException why) {
        if (absent(why)) {
            listener.missing(missing(ref, why));
        } else if (isTransient(why)) {
            listener.unanswered(why);
        } else {
            listener.refused(why);
        }
    }

    /** Returns whether {@code why} means that the consumer or its stream does not exist. */
    static boolean absent(SluiceException why) {
        return why.failure() == Failure.NO_CONSUMER || why.failure() == Failure.NO_STREAM;
    }

    /** Returns whether a later retry may succeed. A starting server reports JetStream as not enabled. */
    static boolean isTransient(SluiceException why) {
        return switch (why.failure()) {
            case UNAVAILABLE, OVERLOADED, NOT_SUPPORTED -> true;
            default -> false;
        };
    }

    /** Returns {@code why} with the name of the consumer in its message. */
    static SluiceException missing(ConsumerRef ref, SluiceException why) {
        return why.failure()
                .because(
                        "There is no consumer " + ref + ": " + why.getMessage(),
                        why.natsErrorCode().orElse(0));
    }
}
