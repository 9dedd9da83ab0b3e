package dev.sluice.stream.replay;

import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.Settings;
import java.util.Map;

/** A {@link Replay} without a container. */
public final class TestReplay {
    private TestReplay() {}

    public static Replay through(NatsLinks links) {
        PullConfig pulls = Settings.of(
                PullConfig.class, Map.of("sluice.pull.heartbeat", "500ms", "sluice.pull.api-timeout", "1s"));
        TopologyConfig topology = Settings.of(TopologyConfig.class, Map.of("sluice.topology.timeout", "1s"));
        JetStreamApis jetStream = new JetStreamApis(links, pulls);
        return new Replay(
                links,
                jetStream,
                new PullSubscriptions(links, jetStream, pulls),
                new StoredMessages(jetStream, topology),
                pulls);
    }
}
