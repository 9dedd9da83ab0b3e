package dev.sluice.nats;

import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.support.Encoding;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The authentication method of the NATS connections: at most one, possibly none. */
final class Authentication {
    private static final String PREFIX = "sluice.nats.";

    private final List<String> ways = new ArrayList<>();
    private Consumer<Options.Builder> chosen = options -> {};

    private Authentication() {}

    /**
     * Reads the configured method.
     *
     * @throws ConfigurationException if there is more than one method, or one is incomplete or its file is unreadable;
     *     names the keys
     */
    static Authentication of(NatsConfig config, ServerList servers) {
        Authentication authentication = new Authentication();
        authentication.read(config, servers);
        if (authentication.ways.size() > 1) {
            throw new ConfigurationException("Set at most one way to authenticate to NATS, not both "
                    + String.join(" and ", authentication.ways));
        }
        return authentication;
    }

    void applyTo(Options.Builder options) {
        chosen.accept(options);
    }

    private void read(NatsConfig config, ServerList servers) {
        if (config.user().isPresent() != config.password().isPresent()) {
            throw new ConfigurationException(PREFIX + "user and " + PREFIX + "password go together: set both");
        }
        config.user()
                .ifPresent(user -> is(
                        PREFIX + "user", userAndPassword(user, config.password().orElseThrow())));
        config.token().ifPresent(token -> is(PREFIX + "token", token(token)));
        file(config.nkeySeedFile(), PREFIX + "nkey-seed-file")
                .ifPresent(file -> is(
                        PREFIX + "nkey-seed-file",
                        options -> options.authHandler(Nats.credentials(null, file.toString()))));
        file(config.credentialsFile(), PREFIX + "credentials-file")
                .ifPresent(file -> is(
                        PREFIX + "credentials-file",
                        options -> options.authHandler(Nats.credentials(file.toString()))));
        servers.userInfo().ifPresent(userInfo -> is(PREFIX + "servers (its user information)", inUrl(userInfo)));
    }

    private void is(String way, Consumer<Options.Builder> applied) {
        ways.add(way);
        chosen = applied;
    }

    private static Consumer<Options.Builder> inUrl(String userInfo) {
        int colon = userInfo.indexOf(':');
        return colon < 0
                ? token(userInfo)
                : userAndPassword(userInfo.substring(0, colon), userInfo.substring(colon + 1));
    }

    private static Consumer<Options.Builder> userAndPassword(String user, String password) {
        return options -> options.userInfo(user.toCharArray(), password.toCharArray());
    }

    /** Escapes the token for the JSON of the CONNECT line. jnats does so for user and password, but not for a token. */
    private static Consumer<Options.Builder> token(String token) {
        return options -> options.token(Encoding.jsonEncode(token).toCharArray());
    }

    private static Optional<Path> file(Optional<Path> file, String key) {
        file.filter(path -> !Files.isReadable(path)).ifPresent(path -> {
            throw new ConfigurationException(key + ": cannot read " + path);
        });
        return file.map(Path::toAbsolutePath);
    }
}
