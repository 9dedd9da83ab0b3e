package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the faults of {@link NatsCluster} and the recovery from them. */
@Tag("slow")
class NatsClusterIT {

    private NatsCluster cluster;

    @BeforeEach
    void start() {
        cluster = NatsCluster.behindProxies();
        cluster.create(StreamConfiguration.builder()
                .name("S")
                .subjects("s")
                .replicas(3)
                .build());
        cluster.awaitCurrent("S");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void anIsolatedLeaderStoresNothingAndTheOthersContinue() {
        String parted = cluster.awaitStreamLeader("S");
        cluster.partition(parted);

        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> {
            try (Connection other = connect(cluster.serversBut(parted).get(0).url())) {
                return !other.jetStreamManagement()
                                .getStreamInfo("S")
                                .getClusterInfo()
                                .getLeader()
                                .equals(parted)
                        && store(other);
            }
        });
        assertThatThrownBy(() -> {
                    try (Connection alone = connect(cluster.server(parted).url())) {
                        store(alone);
                    }
                })
                .isInstanceOf(IOException.class);

        cluster.heal();
        cluster.awaitCurrent("S");
    }

    @Test
    void transfersTheLeadership() {
        String before = cluster.awaitStreamLeader("S");
        assertThat(cluster.stepDownStream("S")).isTrue();
        await().atMost(Timeouts.LIMIT)
                .until(() -> !cluster.streamLeader("S").isBlank()
                        && !cluster.streamLeader("S").equals(before));
    }

    @Test
    void endsWhenFrozenAndDeletesItsFiles() {
        NatsServer frozen = cluster.servers().get(0);
        frozen.freeze();
        frozen.close();
        assertThat(frozen.alive()).isFalse();
        assertThat(Files.exists(frozen.store())).isFalse();
    }

    @Test
    void announcesOnlyTheAddressesOfItsProxies() throws Exception {
        try (Connection client = connect(cluster.urls())) {
            await().atMost(Timeouts.LIMIT).until(() -> client.getServers().size() == 3);
            assertThat(client.getServers())
                    .containsExactlyInAnyOrder(cluster.urls().split(","));
            assertThat(cluster.connected()).hasSize(1);
        }
    }

    private static Connection connect(String urls) throws Exception {
        return Nats.connect(Options.builder().servers(urls.split(",")).build());
    }

    private static boolean store(Connection connection) throws Exception {
        return connection
                        .jetStream()
                        .publish("s", "x".getBytes(StandardCharsets.UTF_8))
                        .getSeqno()
                > 0;
    }
}
