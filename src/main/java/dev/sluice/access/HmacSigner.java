package dev.sluice.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
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
    private static final byte FIRST_BLOCK = 1;

    /** One for each thread: the search of the algorithm costs as much as a signature. */
    private final ThreadLocal<Mac> macs;

    HmacSigner(byte[] secret, String purpose) {
        byte[] info = ("sluice " + purpose).getBytes(StandardCharsets.US_ASCII);
        byte[] key = mac(keyed(secret), info, new byte[] {FIRST_BLOCK});
        macs = ThreadLocal.withInitial(() -> keyed(key));
    }

    /** Returns the token for {@code content}, which remains readable. */
    public String sign(byte[] content) {
        byte[] version = {VERSION};
        byte[] token = ByteBuffer.allocate(1 + MAC_BYTES + content.length)
                .put(version)
                .put(mac(macs.get(), version, content))
                .put(content)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
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
        if (bytes.length <= 1 + MAC_BYTES) {
            return Optional.empty();
        }
        byte[] content = new byte[bytes.length - 1 - MAC_BYTES];
        System.arraycopy(bytes, 1 + MAC_BYTES, content, 0, content.length);
        boolean genuine = MessageDigest.isEqual(
                sign(content).getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.UTF_8));
        return genuine ? Optional.of(content) : Optional.empty();
    }

    private static byte[] mac(Mac keyed, byte[] first, byte[] second) {
        keyed.update(first);
        return keyed.doFinal(second);
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
