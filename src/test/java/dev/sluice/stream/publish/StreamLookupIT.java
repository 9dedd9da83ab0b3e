package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.publish.StreamLookup.Found;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestStreams;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Looks up whether a stream stores a subject, through the configured JetStream API prefix. */
class StreamLookupIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private NatsServer server;
    private NatsLink link;

    @AfterEach
    void stop() {
        link.drain(SOON);
        server.close();
    }

    @Test
    void asksTheDomain() {
        connect(NatsServer.started("jetstream { domain: hub }"));
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("WORK", "work.>");
        }

        assertThat(ask("$JS.hub.API", "work.a")).isEqualTo(Found.STREAM);
        assertThat(ask("$JS.hub.API", "other.a")).isEqualTo(Found.NONE);
        assertThat(ask("$JS.leaf.API", "work.a")).isEqualTo(Found.NO_JETSTREAM);
    }

    @Test
    void asksForAKeyByTheSubjectThatItIsStoredUnder() {
        connect(NatsServer.started("jetstream { domain: hub }"));
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("KV_PRICES", "$KV.PRICES.>");
        }

        assertThat(ask("$JS.hub.API", "$JS.hub.API.$KV.PRICES.tea")).isEqualTo(Found.STREAM);
        assertThat(ask("$JS.hub.API", "$JS.hub.API.$KV.OTHER.tea")).isEqualTo(Found.NONE);
    }

    @Test
    void reportsDisabledJetStreamOnlyWithoutADomain() {
        connect(NatsServer.withoutJetStream());

        assertThat(ask("$JS.API", "work.a")).isEqualTo(Found.SWITCHED_OFF);
        assertThat(ask("$JS.hub.API", "work.a")).isEqualTo(Found.NO_JETSTREAM);
    }

    private void connect(NatsServer started) {
        server = started;
        link = TestLinks.linkTo(server);
        await().atMost(SOON).until(link::up);
    }

    private Found ask(String apiPrefix, String subject) {
        return new StreamLookup(new JetStreamApi(link, apiPrefix, StreamLookup.TIMEOUT))
                .ask(link.connection(), subject)
                .toCompletableFuture()
                .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
