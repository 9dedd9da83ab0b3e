package dev.sluice.stream.replay;

import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;

/** A server with the stream {@code LOGS} of {@code logs.>}, and connected links to it. */
final class ReplayServer implements AutoCloseable {

    private final NatsServer nats = NatsServer.started();
    private final TestStreams streams = new TestStreams(nats);
    private final NatsLinks links = TestLinks.to(nats);

    ReplayServer() {
        streams.create("LOGS", "logs.>");
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.consuming().up() && links.publishing().up());
    }

    NatsServer nats() {
        return nats;
    }

    TestStreams streams() {
        return streams;
    }

    NatsLinks links() {
        return links;
    }

    @Override
    public void close() {
        links.close();
        streams.close();
        nats.close();
    }
}
