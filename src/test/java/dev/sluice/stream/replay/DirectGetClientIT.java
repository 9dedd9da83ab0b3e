package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestConnections;
import io.nats.client.Connection;
import io.nats.client.Options;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectGetClientIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final DirectGetClient client = new DirectGetClient(links.consuming(), "$JS.API", SOON);

    @AfterEach
    void stop() {
        links.close();
        server.close();
    }

    @Test
    void aReadThatCannotBeginIsNotKept() throws Exception {
        await().atMost(SOON).ignoreExceptions().until(() -> read().await().atMost(SOON) != null);
        Connection broken = TestConnections.open(Options.builder().server(server.url()));
        client.up(broken);
        broken.close();

        assertThatThrownBy(() -> read().await().atMost(SOON)).isInstanceOf(IllegalStateException.class);

        assertThat(client.open()).isZero();
    }

    private Uni<DirectGetResult> read() {
        return client.from("NOWHERE", ">", 1, new PageSize(1, 1024));
    }
}
