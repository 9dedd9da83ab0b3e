package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Asks JetStream whether any stream stores a subject. The absence of responders on the subject does not show that: a
 * stream without a leader does not listen, and neither does a stream on a server where JetStream is switched off.
 */
final class StreamLookup {

    /** The result of a lookup. */
    enum Found {
        /** No stream stores the subject. */
        NONE,
        /** A stream stores the subject. */
        STREAM,
        /** The server denies the request to Sluice's own user. */
        DENIED,
        /** JetStream has no leader and does not answer. */
        NO_JETSTREAM,
        /** The server reports that it has no JetStream, and no other server answers. */
        SWITCHED_OFF
    }

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final JetStreamApi api;
    private final String apiPrefix;
    private final boolean elsewhere;

    /** @param apiPrefix as that of {@link JetStreamApi} */
    StreamLookup(NatsLink link, String apiPrefix) {
        this.api = new JetStreamApi(link, apiPrefix, PATIENCE);
        this.apiPrefix = apiPrefix;
        this.elsewhere = !apiPrefix.equals(JetStreamApi.DEFAULT_PREFIX);
    }

    /** Never fails. Completes on a thread of jnats, or at once. */
    CompletionStage<Found> ask(Connection connection, String subject) {
        return api.streamNames(asStored(subject))
                .map(names -> names.isEmpty() ? Found.NONE : Found.STREAM)
                .onFailure()
                .recoverWithItem(failure -> unanswered(connection, failure))
                .subscribeAsCompletionStage();
    }

    /** Keys of buckets in another domain or account are published under the prefix, which NATS removes. */
    private String asStored(String subject) {
        return elsewhere && subject.startsWith(apiPrefix + ".") ? subject.substring(apiPrefix.length() + 1) : subject;
    }

    /** A local server without JetStream shows nothing about JetStream in another domain or account. */
    private Found unanswered(Connection connection, Throwable failure) {
        if (failure instanceof SluiceException known && known.failure() == Failure.FORBIDDEN) {
            return Found.DENIED;
        }
        boolean noResponders = failure.getCause() instanceof JetStreamStatusException;
        boolean off = !elsewhere && !connection.getServerInfo().isJetStreamAvailable();
        return noResponders && off ? Found.SWITCHED_OFF : Found.NO_JETSTREAM;
    }
}
