package dev.sluice.nats;

import dev.sluice.embedded.EmbeddedConfig;
import dev.sluice.embedded.EmbeddedNats;
import dev.sluice.failure.SluiceException;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.List;
import java.util.Optional;

/**
 * Where the servers come from: configuration, or else one of our own.
 *
 * @param urls at least one
 * @param embedded the server that was started for us, if there is one
 */
record ServerSource(List<String> urls, Optional<EmbeddedNats> embedded) implements AutoCloseable {

    /**
     * Takes the configured servers; without any, starts one in development and test, or where that is asked for.
     *
     * @throws ConfigurationException saying what to set, if there is none or ours does not start; without a cause, as
     *     all of this package, because Quarkus then prints it as one line instead of a stack trace
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
