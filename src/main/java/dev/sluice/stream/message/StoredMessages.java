package dev.sluice.stream.message;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.topology.TopologyConfig;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Reads and deletes single stored messages by sequence. The server returns a message as JSON, not as a NATS message, so
 * the headers are byte for byte those that were published. Fails {@code NO_MESSAGE} or {@code NO_STREAM} if the message
 * or the stream does not exist.
 */
@Singleton
public final class StoredMessages {
    private final JetStreamApi api;

    @Inject
    public StoredMessages(JetStreamApis jetStream, TopologyConfig config) {
        api = jetStream.publishing(config.timeout());
    }

    /** Only a leader that hears from a majority is trusted that there is no message; else {@code UNAVAILABLE}. */
    public Uni<StoredMessage> get(String stream, long sequence) {
        return api.message(checked(stream), sequence)
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithUni(none ->
                        api.requireMajority(stream).chain(() -> Uni.createFrom().failure(none)));
    }

    /**
     * Returns the first message at or after {@code sequence} whose subject matches {@code pattern}. A leader that was
     * replaced may not know it yet.
     */
    public Uni<StoredMessage> next(String stream, long sequence, String pattern) {
        return api.nextMessage(checked(stream), sequence, pattern);
    }

    public Uni<Void> delete(String stream, long sequence) {
        return api.deleteMessage(checked(stream), sequence)
                .onFailure(Failure.NO_MESSAGE::matches)
                .transform(gone -> Failure.NO_MESSAGE.because(
                        "There is no message " + sequence, JetStreamErrors.STREAM_MSG_DELETE_FAILED));
    }

    private static String checked(String stream) {
        ConsumerRef.check("stream", stream);
        return stream;
    }
}
