package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
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

    private static final String STREAM_NAMES = "$JS.API.STREAM.NAMES";
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private StreamLookup() {}

    /** Completes on a thread of jnats, or at once. */
    static CompletionStage<Found> ask(NatsLink link, Connection connection, String subject) {
        byte[] question = ("{\"subject\":\"" + Encoding.jsonEncode(subject) + "\"}").getBytes(StandardCharsets.UTF_8);
        try {
            return link.request(connection, STREAM_NAMES, question, PATIENCE)
                    .handle((answer, silence) -> answer == null ? unanswered(connection, silence) : read(answer));
        } catch (IllegalStateException e) {
            return CompletableFuture.completedStage(Found.NO_JETSTREAM);
        }
    }

    private static Found unanswered(Connection connection, Throwable silence) {
        if (silence instanceof SluiceException) {
            return Found.DENIED;
        }
        boolean nobody = silence instanceof JetStreamStatusException;
        return nobody && !connection.getServerInfo().isJetStreamAvailable() ? Found.SWITCHED_OFF : Found.NO_JETSTREAM;
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
