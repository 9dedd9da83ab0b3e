package dev.sluice.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs and verifies the tokens of one purpose. A token consists of a version, an HMAC-SHA256 and the content, in
 * URL-safe base64. The content is signed but not encrypted. There is exactly one valid token for a content: another
 * encoding of the same bytes is rejected. Thread-safe.
 *
 * <p>The key is derived from the secret and the purpose with the one step of HKDF-Expand (RFC 5869) that 32 bytes need.
 */
public final class HmacSigner {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final byte VERSION = 1;
    private static final int CONTENT = 1 + MAC_BYTES;
    private static final byte FIRST_BLOCK = 1;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /** One for each thread: the search of the algorithm costs as much as a signature. */
    private final ThreadLocal<Mac> macs;

    HmacSigner(byte[] secret, String purpose) {
        Mac derivation = keyed(secret);
        derivation.update(("sluice " + purpose).getBytes(StandardCharsets.US_ASCII));
        derivation.update(FIRST_BLOCK);
        byte[] key = derivation.doFinal();
        macs = ThreadLocal.withInitial(() -> keyed(key));
    }

    /** Returns the token for {@code content}, which remains readable. */
    public String sign(byte[] content) {
        byte[] token = ByteBuffer.allocate(CONTENT + content.length)
                .put(VERSION)
                .put(mac(content))
                .put(content)
                .array();
        return ENCODER.encodeToString(token);
    }

    /**
     * Returns the content of {@code token}; empty if it was not signed with this secret for this purpose. Compares in
     * constant time.
     */
    public Optional<byte[]> verify(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException otherAlphabet) {
            return Optional.empty();
        }
        if (bytes.length <= CONTENT
                || bytes[0] != VERSION
                || !ENCODER.encodeToString(bytes).equals(token)) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOfRange(bytes, CONTENT, bytes.length);
        boolean genuine = MessageDigest.isEqual(mac(content), Arrays.copyOfRange(bytes, 1, CONTENT));
        return genuine ? Optional.of(content) : Optional.empty();
    }

    private byte[] mac(byte[] content) {
        Mac keyed = macs.get();
        keyed.update(VERSION);
        return keyed.doFinal(content);
    }

    private static Mac keyed(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }
}
