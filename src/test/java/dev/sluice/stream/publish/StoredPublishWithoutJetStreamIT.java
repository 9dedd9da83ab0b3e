package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For a publisher, an account without JetStream looks like a subject that no stream stores. */
class StoredPublishWithoutJetStreamIT {
    private static final String ACCOUNT_WITHOUT_JETSTREAM = """
            accounts { PLAIN { users: [ { user: plain, password: plain } ] } }
            no_auth_user: plain
            """;

    @Test
    void isUnavailableAndDoesNotReportAMissingStream() {
        try (NatsServer server = NatsServer.started(ACCOUNT_WITHOUT_JETSTREAM);
                TestPublishing nats = new TestPublishing(server, Map.of("deadline", "3s"))) {

            SluiceException refusal = catchThrowableOfType(SluiceException.class, () -> nats.publisher
                    .publish(message("orders.created", "x"))
                    .await()
                    .atMost(Timeouts.LIMIT));

            assertThat(refusal.failure()).isEqualTo(Failure.UNAVAILABLE);
        }
    }
}
