package dev.sluice.stream.message;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.topology.TopologyConfig;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Reads and deletes single stored messages by sequence. The server returns a message as JSON, not as a NATS message, so
 * the headers are byte for byte those that were published. Fails {@code NO_MESSAGE} or {@code NO_STREAM} if the message
 * or the stream does not exist.
 */
@Singleton
public final class StoredMessages {
    /** The error code for the deletion of a missing message. Its status is 500, as for a server failure. */
    private static final int NOTHING_TO_DELETE = 10057;

    private final JetStreamApi api;

    @Inject
    public StoredMessages(NatsLinks links, TopologyConfig config, PullConfig pulls) {
        this(links.publishing(), config, pulls.apiPrefix());
    }

    StoredMessages(NatsLink link, TopologyConfig config, String apiPrefix) {
        api = new JetStreamApi(link, apiPrefix, config.timeout());
    }

    /** Only a leader that hears from a majority is trusted that there is no message; else {@code UNAVAILABLE}. */
    public Uni<StoredMessage> get(String stream, long sequence) {
        return ask(stream, Map.of("seq", new JsonValue(sequence)))
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithUni(none ->
                        api.requireMajority(stream).chain(() -> Uni.createFrom().failure(none)));
    }

    /**
     * Returns the first message at or after {@code sequence} whose subject matches {@code pattern}. A leader that was
     * replaced may not know it yet.
     */
    public Uni<StoredMessage> next(String stream, long sequence, String pattern) {
        return ask(stream, Map.of("seq", new JsonValue(sequence), "next_by_subj", new JsonValue(pattern)));
    }

    public Uni<Void> delete(String stream, long sequence) {
        Map<String, JsonValue> request = Map.of("seq", new JsonValue(sequence), "no_erase", JsonValue.TRUE);
        return api.change("STREAM.MSG.DELETE." + checked(stream), new JsonValue(request).toJson())
                .onFailure(StoredMessages::isNothingToDelete)
                .transform(gone -> Failure.NO_MESSAGE.because("There is no message " + sequence, NOTHING_TO_DELETE))
                .replaceWithVoid();
    }

    private static boolean isNothingToDelete(Throwable failure) {
        return failure instanceof SluiceException refused
                && refused.natsErrorCode().orElse(0) == NOTHING_TO_DELETE;
    }

    private Uni<StoredMessage> ask(String stream, Map<String, JsonValue> request) {
        return api.ask("STREAM.MSG.GET." + checked(stream), new JsonValue(request).toJson())
                .map(StoredMessage::read);
    }

    private static String checked(String stream) {
        ConsumerRef.check("stream", stream);
        return stream;
    }
}
