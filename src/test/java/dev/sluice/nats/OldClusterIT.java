package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Broker;
import dev.sluice.support.LogRecords;
import dev.sluice.support.Timeouts;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A cluster whose server version accepts concurrent conditional writes is named in the log, and no other server is. */
class OldClusterIT {

    @ParameterizedTest
    @EnumSource(Broker.class)
    void warnsOnlyOfAnOldCluster(Broker broker) {
        boolean old =
                broker == Broker.CLUSTER && broker.connection().getServerInfo().isOlderThanVersion("2.10.0");

        try (LogRecords log = LogRecords.of(ConnectionEvents.class.getName());
                NatsLinks links = TestLinks.to(broker)) {
            await().atMost(Timeouts.LIMIT)
                    .until(() -> links.publishing().up() && links.consuming().up());

            assertThat(log.messages().stream().filter(message -> message.contains("conditional writes")))
                    .hasSize(old ? 1 : 0);
        }
    }
}
