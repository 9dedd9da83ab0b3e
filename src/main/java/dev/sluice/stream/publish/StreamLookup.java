package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Permits;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks JetStream whether a stream stores a subject. Missing responders on the subject do not prove that there is none:
 * a stream without a leader does not listen, nor does a stream on a server with JetStream disabled.
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

    static final Duration TIMEOUT = Duration.ofSeconds(1);
    /** Maximum number of lookups of a size limit at once. Policy: the error of a further message does not tell the limit. */
    private static final int MAX_LOOKUPS = 8;

    private final JetStreamApi api;
    private final Permits lookups = new Permits(MAX_LOOKUPS);

    /** @param api a client with {@link #TIMEOUT} */
    StreamLookup(JetStreamApi api) {
        this.api = api;
    }

    /** As {@link JetStreamApi#elsewhere}. */
    boolean elsewhere() {
        return api.elsewhere();
    }

    /** Never fails. Completes on a thread of jnats or the JDK, or immediately. */
    CompletionStage<Found> ask(Connection connection, String subject) {
        return api.streamNames(connection, api.storedSubject(subject))
                .map(names -> names.isEmpty() ? Found.NONE : Found.STREAM)
                .onFailure()
                .recoverWithItem(failure -> unanswered(connection, failure))
                .subscribeAsCompletionStage();
    }

    /**
     * Returns the maximum size of a message of the stream with this subject; empty if that is not known within
     * {@link #TIMEOUT}, or if {@value #MAX_LOOKUPS} such lookups are under way: it is only a detail of an error, which does
     * not wait as long as a listing may take. Never fails.
     */
    CompletionStage<OptionalLong> maxMessageSize(String subject) {
        if (!lookups.take(1)) {
            return CompletableFuture.completedFuture(OptionalLong.empty());
        }
        return api.streams(api.storedSubject(subject), 0)
                .map(streams -> streams.items().stream()
                        .flatMap(stream -> Optional.ofNullable(stream.limits().maxMessageSize()).stream())
                        .mapToLong(Long::longValue)
                        .findFirst())
                .ifNoItem()
                .after(TIMEOUT)
                .fail()
                .onFailure()
                .recoverWithItem(OptionalLong.empty())
                .onTermination()
                .invoke(() -> lookups.giveBack(1))
                .subscribeAsCompletionStage();
    }

    /** The local server's JetStream state does not apply to another domain or account. */
    private Found unanswered(Connection connection, Throwable failure) {
        if (Failure.FORBIDDEN.matches(failure)) {
            return Found.DENIED;
        }
        boolean noResponders = failure.getCause() instanceof JetStreamStatusException;
        boolean off = !elsewhere() && !connection.getServerInfo().isJetStreamAvailable();
        return noResponders && off ? Found.SWITCHED_OFF : Found.NO_JETSTREAM;
    }
}
