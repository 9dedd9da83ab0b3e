package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each authentication method against a server configured for it, and wrong secrets. */
class AuthenticationIT {

    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;

    @AfterEach
    void close() {
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        server.close();
    }

    @Test
    void userAndPassword() {
        server = NatsServer.started(user("me", "se\\\"cret"));

        link = link(Map.of("user", "me", "password", "se\"cret"));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void userInformationInTheUrl() {
        server = NatsServer.started(user("me", "secret"));

        link = link(Map.of("servers", "nats://me:secret@127.0.0.1:" + server.port()));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void token() {
        server = NatsServer.started("authorization { token: \"a\\\"token\" }");

        link = link(Map.of("token", "a\"token"));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void nkeySeedFile() throws IOException, GeneralSecurityException {
        NKey key = NKey.createUser(null);
        server = NatsServer.started("authorization { users: [ { nkey: " + publicKey(key) + " } ] }");

        link = link(Map.of("nkey-seed-file", write("seed.nk", new String(key.getSeed()))));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void credentialsFile() throws IOException, GeneralSecurityException {
        Operator operator = new Operator();
        server = NatsServer.started(operator.configuration());

        link = link(Map.of("credentials-file", write("user.creds", operator.credentials())));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void readsARotatedCredentialsFileAgain() throws IOException, GeneralSecurityException {
        Operator operator = new Operator();
        server = NatsServer.started(operator.configuration());
        link = link(Map.of("credentials-file", write("user.creds", new Operator().credentials())));
        isRefused();

        write("user.creds", operator.credentials());

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void retriesAWrongSecretUntilTheServerAcceptsIt() {
        server = NatsServer.started(user("me", "other"));
        link = link(Map.of("user", "me", "password", "secret"));
        isRefused();

        server.reload(user("me", "secret"));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void retriesARevokedSecretUntilTheServerAcceptsItAgain() {
        server = NatsServer.started(user("me", "secret"));
        link = link(Map.of("user", "me", "password", "secret"));
        await().atMost(Timeouts.LIMIT).until(link::up);

        server.reload(user("me", "other"));
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.CLOSED) > 1);
        server.reload(user("me", "secret"));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void rejectedConnectionsLeaveNoThreads() {
        server = NatsServer.started(user("me", "other"));
        link = link(Map.of("user", "me", "password", "secret", "connect-timeout", "50ms", "refused-wait", "50ms"));
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.CLOSED) > 2);
        int before = Thread.activeCount();

        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.CLOSED) > 12);

        await().atMost(Timeouts.LIMIT).until(() -> Thread.activeCount() <= before + 3);
    }

    private void isRefused() {
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.CLOSED) > 1);
        assertThat(link.up()).isFalse();
        assertThat(link.events().count(ConnectionEvent.CONNECTED)).isZero();
    }

    private NatsLink link(Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(Map.of("servers", server.url()));
        all.putAll(keys);
        return TestLinks.link(all);
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private static String user(String user, String password) {
        return "authorization { users: [ { user: \"%s\", password: \"%s\" } ] }".formatted(user, password);
    }

    private static String publicKey(NKey key) throws IOException, GeneralSecurityException {
        return new String(key.getPublicKey());
    }

    /** An operator with one account, as {@code nsc} creates it. */
    private static final class Operator {
        private static final String UNLIMITED_ACCOUNT =
                "{\"type\":\"account\",\"version\":2,\"limits\":{\"subs\":-1,\"data\":-1,\"payload\":-1,"
                        + "\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}}";

        private final NKey operator = NKey.createOperator(null);
        private final NKey account = NKey.createAccount(null);

        private Operator() throws IOException, GeneralSecurityException {}

        String configuration() throws IOException, GeneralSecurityException {
            NKey system = NKey.createAccount(null);
            return "operator: %s%nsystem_account: %s%nresolver: MEMORY%nresolver_preload: { %s: %s, %s: %s }%n"
                    .formatted(
                            jwt(operator, "{\"type\":\"operator\",\"version\":2}"),
                            publicKey(system),
                            publicKey(system),
                            jwt(system, UNLIMITED_ACCOUNT),
                            publicKey(account),
                            jwt(account, UNLIMITED_ACCOUNT));
        }

        String credentials() throws IOException, GeneralSecurityException {
            NKey user = NKey.createUser(null);
            String jwt = JwtUtils.issueUserJWT(account, publicKey(account), publicKey(user));
            return JwtUtils.NATS_USER_JWT_FORMAT.formatted(jwt, new String(user.getSeed()));
        }

        private String jwt(NKey subject, String claims) throws IOException, GeneralSecurityException {
            long now = Instant.now().getEpochSecond();
            String name = publicKey(subject);
            return JwtUtils.issueJWT(operator, name, name, null, now, publicKey(operator), () -> claims);
        }
    }
}
