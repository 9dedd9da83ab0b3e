package dev.sluice.stream;

import dev.sluice.nats.NatsLinks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Makes the clients of the JetStream API, on either link of a service, with the configured prefix. */
@Singleton
public final class JetStreamApis {
    private final NatsLinks links;
    private final String prefix;

    @Inject
    public JetStreamApis(NatsLinks links, JetStreamConfig config) {
        this.links = links;
        this.prefix = config.apiPrefix();
    }

    /** Returns a client on the publishing link. */
    public JetStreamApi publishing(Duration timeout) {
        return new JetStreamApi(links.publishing(), prefix, timeout);
    }

    /** Returns a client on the consuming link. Requests about a subscription share its connection. */
    public JetStreamApi consuming(Duration timeout) {
        return new JetStreamApi(links.consuming(), prefix, timeout);
    }
}
