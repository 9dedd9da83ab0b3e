package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.MultiMap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The digests that the sender of a body announces: {@code Repr-Digest} and {@code Content-Digest} (RFC 9530), and
 * {@code Content-MD5}. Algorithms that RFC 9530 does not call active are ignored. Not thread-safe.
 */
final class DigestClaims {
    private static final Map<String, String> ALGORITHMS = Map.of("sha-256", "SHA-256", "sha-512", "SHA-512");
    private static final List<String> FIELDS = List.of("Repr-Digest", "Content-Digest");
    private static final String MD5 = "Content-MD5";
    private static final Pattern MEMBER = Pattern.compile("([A-Za-z*][A-Za-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):");

    private final List<Claim> claims = new ArrayList<>();

    private record Claim(String header, MessageDigest computed, byte[] announced) {}

    private DigestClaims() {}

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header */
    static DigestClaims of(MultiMap headers) {
        DigestClaims claims = new DigestClaims();
        for (String field : FIELDS) {
            headers.getAll(field).forEach(value -> claims.add(field, value));
        }
        headers.getAll(MD5).forEach(value -> claims.add(MD5, "MD5", value.strip()));
        return claims;
    }

    void update(byte[] chunk) {
        claims.forEach(claim -> claim.computed().update(chunk));
    }

    /** @throws dev.sluice.failure.SluiceException {@code BAD_DIGEST}, naming the header, if a digest differs */
    void verify() {
        for (Claim claim : claims) {
            if (!MessageDigest.isEqual(claim.computed().digest(), claim.announced())) {
                throw Failure.BAD_DIGEST.because("The body does not have the digest of the header " + claim.header());
            }
        }
    }

    private void add(String field, String dictionary) {
        for (String text : dictionary.split(",", -1)) {
            Matcher member = MEMBER.matcher(text.strip());
            if (!member.matches()) {
                throw malformed(field);
            }
            String algorithm = ALGORITHMS.get(member.group(1).toLowerCase(Locale.ROOT));
            if (algorithm != null) {
                add(field, algorithm, member.group(2));
            }
        }
    }

    private void add(String field, String algorithm, String base64) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] announced = Base64.getDecoder().decode(base64);
            if (announced.length != digest.getDigestLength()) {
                throw malformed(field);
            }
            claims.add(new Claim(field, digest, announced));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        } catch (IllegalArgumentException notBase64) {
            throw malformed(field);
        }
    }

    private static RuntimeException malformed(String field) {
        return Failure.INVALID.because("The header " + field + " must be a digest, such as "
                + (field.equals(MD5)
                        ? "Q2hlY2sgSW50ZWdyaXR5IQ=="
                        : "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"));
    }
}
