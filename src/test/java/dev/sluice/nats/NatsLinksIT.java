package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Timeouts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** The link beans of a service without configured servers. */
@QuarkusTest
class NatsLinksIT {
    @Inject
    NatsLinks links;

    @Test
    void bothConnectToTheEmbeddedServerWithoutConfiguration() {
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.publishing().up() && links.consuming().up());
    }

    @Test
    void areTwoConnections() {
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.publishing().up() && links.consuming().up());

        assertThat(links.publishing().connection().getServerInfo().getClientId())
                .isNotEqualTo(links.consuming().connection().getServerInfo().getClientId());
    }
}
