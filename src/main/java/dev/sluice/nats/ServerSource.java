package dev.sluice.nats;

import dev.sluice.embedded.EmbeddedConfig;
import dev.sluice.embedded.EmbeddedNats;
import dev.sluice.failure.SluiceException;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.List;
import java.util.Optional;

/**
 * The origin of the server URLs: the configuration or an embedded server.
 *
 * @param urls the server URLs, at least one
 * @param embedded the embedded server, if one was started
 */
record ServerSource(List<String> urls, Optional<EmbeddedNats> embedded) implements AutoCloseable {

    /**
     * Uses the configured servers. If there are none, starts an embedded server if {@code sluice.embedded.enabled} is
     * true, or if it is unset in development and test.
     *
     * @throws ConfigurationException if there is no server (names the keys to set) or the embedded server does not
     *     start. It has no cause, like all in this package: Quarkus then prints one line instead of a stack trace
     */
    static ServerSource of(NatsConfig config, EmbeddedConfig embedded, LaunchMode mode) {
        List<String> urls = config.servers().orElse(List.of());
        if (!urls.isEmpty()) {
            return new ServerSource(urls, Optional.empty());
        }
        if (!embedded.enabled().orElse(mode.isDevOrTest())) {
            throw new ConfigurationException(
                    "No NATS server is configured: set sluice.nats.servers (SLUICE_NATS_SERVERS=nats://host:4222),"
                            + " or sluice.embedded.enabled=true to run one inside Sluice");
        }
        try {
            EmbeddedNats started = EmbeddedNats.start(embedded);
            return new ServerSource(List.of(started.url()), Optional.of(started));
        } catch (SluiceException e) {
            throw new ConfigurationException("The embedded nats-server does not start: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        embedded.ifPresent(EmbeddedNats::close);
    }
}
