package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.support.Encoding;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks JetStream whether any stream stores a subject. That nobody listens to a subject does not tell: a stream without a
 * leader does not listen, and neither does one where JetStream is switched off.
 */
final class StreamLookup {

    /** What is known afterwards. */
    enum Found {
        /** No stream stores it. */
        NONE,
        /** A stream stores it. */
        STREAM,
        /** The server does not let our own user ask. */
        DENIED,
        /** JetStream has no leader: no answer. */
        NO_JETSTREAM,
        /** The server says that it has no JetStream, and nobody else answers for it. */
        SWITCHED_OFF
    }

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final NatsLink link;
    private final String apiPrefix;
    private final boolean elsewhere;

    /** @param apiPrefix as that of {@link JetStreamApi} */
    StreamLookup(NatsLink link, String apiPrefix) {
        this.link = link;
        this.apiPrefix = apiPrefix;
        this.elsewhere = !apiPrefix.equals(JetStreamApi.DEFAULT_PREFIX);
    }

    /** Completes on a thread of jnats, or at once. */
    CompletionStage<Found> ask(Connection connection, String subject) {
        String json = "{\"subject\":\"" + Encoding.jsonEncode(asStored(subject)) + "\"}";
        try {
            return link.request(
                            connection, apiPrefix + ".STREAM.NAMES", json.getBytes(StandardCharsets.UTF_8), PATIENCE)
                    .handle((answer, silence) -> answer == null ? unanswered(connection, silence) : read(answer));
        } catch (IllegalStateException e) {
            return CompletableFuture.completedStage(Found.NO_JETSTREAM);
        }
    }

    /** Keys of buckets that are elsewhere are written under the prefix, which NATS takes off again. */
    private String asStored(String subject) {
        return elsewhere && subject.startsWith(apiPrefix + ".") ? subject.substring(apiPrefix.length() + 1) : subject;
    }

    /** That the server here has no JetStream says nothing about one elsewhere. */
    private Found unanswered(Connection connection, Throwable silence) {
        if (silence instanceof SluiceException) {
            return Found.DENIED;
        }
        boolean nobody = silence instanceof JetStreamStatusException;
        boolean off = !elsewhere && !connection.getServerInfo().isJetStreamAvailable();
        return nobody && off ? Found.SWITCHED_OFF : Found.NO_JETSTREAM;
    }

    private static Found read(Message answer) {
        JsonCursor json = new JsonCursor();
        json.open(answer.getData());
        Found found = Found.NONE;
        for (boolean first = true; json.nextMember(first); first = false) {
            char kind = json.peek();
            if (json.name().equals("error") && kind == '{') {
                found = Found.NO_JETSTREAM;
            } else if (json.name().equals("total") && kind >= '1' && kind <= '9') {
                found = Found.STREAM;
            }
            json.skip();
        }
        return json.wellFormed() ? found : Found.NO_JETSTREAM;
    }
}
