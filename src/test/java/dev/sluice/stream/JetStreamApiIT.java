package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Failures of JetStream API requests that get no response. */
class JetStreamApiIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private NatsServer server;
    private NatsLink link;
    private JetStreamApi api;

    @BeforeEach
    void start() {
        server = NatsServer.withoutJetStream();
        link = TestLinks.linkTo(server);
        await().atMost(SOON).until(link::up);
        api = new JetStreamApi(link, "$JS.API", Duration.ofMillis(200));
    }

    @AfterEach
    void stop() {
        link.drain(SOON);
        server.close();
    }

    @Test
    void isUnavailableIfAReadIsNotAnsweredInTime() throws Exception {
        try (Connection silent = silentApi()) {
            assertThat(failure(api.streamInfo("WORK"))).isEqualTo(Failure.UNAVAILABLE);
        }
    }

    @Test
    void hasAnUnknownOutcomeIfAChangeIsNotAnsweredInTime() throws Exception {
        try (Connection silent = silentApi()) {
            assertThat(failure(api.deleteStream("WORK"))).isEqualTo(Failure.OUTCOME_UNKNOWN);
        }
    }

    @Test
    void isUnavailableIfAChangeHasNoResponders() {
        assertThat(failure(api.deleteStream("WORK"))).isEqualTo(Failure.UNAVAILABLE);
    }

    private Connection silentApi() throws Exception {
        Connection silent = Nats.connect(server.url());
        silent.createDispatcher(request -> {}).subscribe("$JS.API.>");
        silent.flush(SOON);
        return silent;
    }

    private static Failure failure(Uni<?> answer) {
        return catchThrowableOfType(SluiceException.class, () -> answer.await().atMost(SOON))
                .failure();
    }
}
