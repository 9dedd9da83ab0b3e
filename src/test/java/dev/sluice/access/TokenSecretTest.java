package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.Settings;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenSecretTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    private final HmacSigner signer = production(SECRET).signerFor("test");

    @Test
    void verifiesATokenOfAnotherInstance() {
        String token = production(SECRET).signerFor("test").sign(CONTENT);

        assertThat(signer.verify(token)).contains(CONTENT);
    }

    @Test
    void encodesTokensInBase64Url() {
        byte[] anything = new byte[256];
        for (int i = 0; i < anything.length; i++) {
            anything[i] = (byte) i;
        }

        assertThat(signer.sign(anything)).matches("[-_A-Za-z0-9]+");
    }

    @Test
    void rejectsATokenOfAnotherPurpose() {
        String token = production(SECRET).signerFor("other").sign(CONTENT);

        assertThat(signer.verify(token)).isEmpty();
    }

    @Test
    void rejectsATokenOfAnotherSecret() {
        String token = production(SECRET.replace('0', '1')).signerFor("test").sign(CONTENT);

        assertThat(signer.verify(token)).isEmpty();
    }

    @Test
    void rejectsATokenWithAnyCharacterChanged() {
        String token = signer.sign(CONTENT);

        for (int i = 0; i < token.length(); i++) {
            for (char other :
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.\u00e9".toCharArray()) {
                String altered = token.substring(0, i) + other + token.substring(i + 1);
                if (!altered.equals(token)) {
                    assertThat(signer.verify(altered)).as(altered).isEmpty();
                }
            }
        }
    }

    @Test
    void rejectsATokenOfAnotherLength() {
        String token = signer.sign(CONTENT);

        for (int length = 0; length < token.length(); length++) {
            assertThat(signer.verify(token.substring(0, length))).isEmpty();
        }
        for (String tail : new String[] {"A", "AA", "AAAA", "=", "==", " ", "\n"}) {
            assertThat(signer.verify(token + tail)).as(tail).isEmpty();
        }
    }

    @Test
    void isRandomAtEachStartOfADevelopmentInstance() {
        String token =
                secret("open", null, LaunchMode.DEVELOPMENT).signerFor("test").sign(CONTENT);

        assertThat(secret("open", null, LaunchMode.DEVELOPMENT)
                        .signerFor("test")
                        .verify(token))
                .isEmpty();
    }

    @Test
    void rejectsAShortSecret() {
        assertThatThrownBy(() -> secret("open", SECRET.substring(1), LaunchMode.DEVELOPMENT))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("32 bytes");
    }

    @Test
    void doesNotStartSecuredInProductionWithoutASecret() {
        assertThatThrownBy(() -> secret(null, null, LaunchMode.NORMAL))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("SLUICE_ACCESS_TOKEN_SECRET");
    }

    private static TokenSecret production(String secret) {
        return secret("open", secret, LaunchMode.NORMAL);
    }

    private static TokenSecret secret(String mode, String secret, LaunchMode launch) {
        Map<String, String> values = new HashMap<>();
        if (mode != null) {
            values.put("sluice.access.mode", mode);
        }
        if (secret != null) {
            values.put("sluice.access.token-secret", secret);
        }
        return new TokenSecret(Settings.of(AccessConfig.class, values), launch);
    }
}
