package dev.sluice.http.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.vertx.core.MultiMap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digests that headers announce, compared with those of one content. */
class DigestClaimsTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final byte[] OTHER = {4};

    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-512"})
    void holdIfTheyAreThoseOfTheContent(String algorithm) {
        headers.add("Repr-Digest", member(algorithm, CONTENT));

        assertHolds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-512"})
    void doNotHoldIfTheyAreThoseOfAnother(String algorithm) {
        headers.add("Content-Digest", member(algorithm, OTHER));

        assertFails(Failure.BAD_DIGEST);
    }

    @Test
    void theLastOfARepeatedKeyCounts() {
        headers.add("Repr-Digest", member("SHA-512", OTHER) + ", " + member("SHA-512", CONTENT));

        assertHolds();
    }

    @Test
    void theLastOfAKeyThatIsRepeatedInAnotherLineCounts() {
        headers.add("Repr-Digest", member("SHA-256", CONTENT));
        headers.add("Repr-Digest", member("SHA-256", OTHER));

        assertFails(Failure.BAD_DIGEST);
    }

    @Test
    void eachHeaderCounts() {
        headers.add("Repr-Digest", member("SHA-512", CONTENT));
        headers.add("Content-Digest", member("SHA-512", OTHER));

        assertFails(Failure.BAD_DIGEST);
    }

    @Test
    void mayHaveParameters() {
        headers.add("Repr-Digest", member("SHA-256", CONTENT) + ";q=1; x, " + member("SHA-512", CONTENT));

        assertHolds();
    }

    @Test
    void aRepeatedContentMd5IsInvalid() {
        headers.add("Content-MD5", base64("MD5", CONTENT));
        headers.add("Content-MD5", base64("MD5", CONTENT));

        assertFails(Failure.INVALID);
    }

    private void assertHolds() {
        assertThatCode(this::verify).doesNotThrowAnyException();
    }

    private void assertFails(Failure failure) {
        assertThatThrownBy(this::verify)
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(failure));
    }

    private void verify() {
        DigestClaims claims = DigestClaims.of(headers);
        claims.update(CONTENT);
        claims.verify(digest("SHA-256", CONTENT));
    }

    private static String member(String algorithm, byte[] content) {
        return algorithm.toLowerCase(Locale.ROOT) + "=:" + base64(algorithm, content) + ":";
    }

    private static String base64(String algorithm, byte[] content) {
        return Base64.getEncoder().encodeToString(digest(algorithm, content));
    }

    private static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
