package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Options;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connection options from the configuration, and settings that are rejected at startup. */
class NatsConfigTest {
    private static final String SERVER = "nats://nats.example:4222";

    @Test
    void namesBothKeysIfTwoAuthenticationMethodsAreConfigured() {
        assertThatThrownBy(() -> options(Map.of("token", "t", "user", "u", "password", "p")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("sluice.nats.user", "sluice.nats.token");
    }

    @Test
    void countsUserInformationInTheUrlAsAnAuthenticationMethod() {
        assertThatThrownBy(() -> options(Map.of("servers", "nats://me:secret@nats.example", "token", "t")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("sluice.nats.servers", "sluice.nats.token")
                .hasMessageNotContaining("secret");
    }

    @Test
    void rejectsAUserWithoutAPassword() {
        assertThatThrownBy(() -> options(Map.of("user", "u")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.nats.password");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nkey-seed-file", "credentials-file"})
    void namesTheKeyOfAnUnreadableFile(String key) {
        assertThatThrownBy(() -> options(Map.of(key, "nowhere.nk")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.nats." + key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"opentls://nats.example", "http://nats.example", "nats://a b", "nats://u:p@"})
    void rejectsInvalidServerUrlsWithoutRepeatingThem(String server) {
        assertThatThrownBy(() -> options(Map.of("servers", server)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.nats.servers")
                .hasMessageNotContaining(server);
    }

    @Test
    void removesUserInformationFromTheServerUrls() {
        Options options = options(Map.of("servers", "nats://me:secret@a.example,b.example:4333"));

        assertThat(options.getServers())
                .containsExactly(URI.create("nats://a.example:4222"), URI.create("nats://b.example:4333"));
        assertThat(options.getUsernameChars()).containsExactly("me".toCharArray());
        assertThat(options.getPasswordChars()).containsExactly("secret".toCharArray());
    }

    @Test
    void quotesATokenForTheProtocolLine() {
        Options options = options(Map.of("token", "a\"b\\c"));

        assertThat(options.buildProtocolConnectOptionsString(SERVER, true, null).toString())
                .contains("\"auth_token\":\"a\\\"b\\\\c\"");
    }

    @Test
    void hasNoTlsByDefault() {
        assertThat(options(Map.of()).getSslContext()).isNull();
    }

    @Test
    void hasTlsIfAUrlRequiresIt() {
        assertThat(options(Map.of("servers", "tls://nats.example")).getSslContext())
                .isNotNull();
    }

    @Test
    void verifiesHostNamesAndNeedsTls12OrNewer() {
        Options options = options(Map.of("tls.enabled", "true"));

        assertThat(options.getSslContext().getDefaultSSLParameters()).satisfies(parameters -> {
            assertThat(parameters.getEndpointIdentificationAlgorithm()).isEqualTo("HTTPS");
            assertThat(parameters.getProtocols()).containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
        });
    }

    @Test
    void allowsOnlyTls13IfConfigured() {
        Options options = options(Map.of("tls.enabled", "true", "tls.min-version", "TLSv1.3"));

        assertThat(options.getSslContext().getDefaultSSLParameters().getProtocols())
                .containsExactly("TLSv1.3");
    }

    @Test
    void rejectsTlsThatIsBothDisabledAndRequired() {
        assertThatThrownBy(() -> options(Map.of("servers", "tls://nats.example", "tls.enabled", "false")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.nats.tls.enabled");
    }

    @Test
    void namesTheKeyOfAnUnreadableKeyStore(@TempDir Path folder) throws IOException {
        Path store = Files.writeString(folder.resolve("trust.p12"), "not a store");

        assertThatThrownBy(() -> options(Map.of("tls.truststore-file", store.toString())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.nats.tls.truststore-file");
    }

    @Test
    void reconnectsWithoutLimitByDefault() {
        assertThat(linkOptions(Map.of()).permitsAnother(Integer.MAX_VALUE)).isTrue();
    }

    @Test
    void givesUpAfterTheConfiguredReconnects() {
        LinkOptions options = linkOptions(Map.of("max-reconnects", "10"));

        assertThat(options.permitsAnother(9)).isTrue();
        assertThat(options.permitsAnother(10)).isFalse();
    }

    @Test
    void theBoundedProfileReconnectsTenTimesTwoSecondsApart() throws IOException {
        Properties profile = new Properties();
        try (InputStream file = getClass().getResourceAsStream("/application-bounded.properties")) {
            profile.load(file);
        }
        Map<String, String> keys = new HashMap<>();
        profile.stringPropertyNames()
                .forEach(name -> keys.put(name.substring("sluice.nats.".length()), profile.getProperty(name)));

        LinkOptions options = linkOptions(keys);

        assertThat(options.permitsAnother(9)).isTrue();
        assertThat(options.permitsAnother(10)).isFalse();
        assertThat(options.pauseBefore(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void waitsBetweenRoundsButNotBeforeTheFirst() {
        LinkOptions options = linkOptions(Map.of("reconnect-wait", "2s", "reconnect-jitter", "0s"));

        assertThat(options.pauseBefore(0)).isZero();
        assertThat(options.pauseBefore(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void doublesThePauseAfterEachRefusalUpToItsBound() {
        LinkOptions options =
                linkOptions(Map.of("reconnect-wait", "1s", "reconnect-jitter", "0s", "refused-wait", "5s"));

        assertThat(List.of(1, 2, 3, 4, 1000).stream().map(options::pauseAfterRefusal))
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5));
    }

    private static Options options(Map<String, String> keys) {
        return linkOptions(keys).forConnection("test").build();
    }

    private static LinkOptions linkOptions(Map<String, String> keys) {
        NatsConfig config = TestLinks.config(keys);
        return LinkOptions.of(config, config.servers().orElse(List.of(SERVER)));
    }
}
