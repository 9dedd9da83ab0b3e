package dev.sluice.http.state;

import dev.sluice.failure.Failure;
import dev.sluice.stream.object.ContentCheck;
import io.vertx.core.MultiMap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The digests that the sender of a body announces: {@code Repr-Digest} and {@code Content-Digest} (RFC 9530), and
 * {@code Content-MD5}. Algorithms that RFC 9530 does not call active are ignored. However many digests are announced, each
 * algorithm is computed once. Not thread-safe.
 */
final class DigestClaims implements ContentCheck {
    private static final String SHA_256 = "SHA-256";
    private static final Map<String, String> ALGORITHMS = Map.of("sha-256", SHA_256, "sha-512", "SHA-512");
    private static final List<String> FIELDS = List.of("Repr-Digest", "Content-Digest");
    private static final String MD5 = "Content-MD5";
    /** A member of a dictionary whose value is a byte sequence, perhaps with parameters (RFC 8941, section 3.2). */
    private static final Pattern MEMBER =
            Pattern.compile("([A-Za-z*][A-Za-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?");

    /** The digests to compute, by algorithm: all but SHA-256, which each upload has. */
    private final Map<String, MessageDigest> computed = new HashMap<>();

    private final List<Claim> claims = new ArrayList<>();

    private record Claim(String header, String algorithm, byte[] announced) {}

    private DigestClaims() {}

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header */
    static DigestClaims of(MultiMap headers) {
        DigestClaims claims = new DigestClaims();
        for (String field : FIELDS) {
            members(field, headers.getAll(field)).forEach((algorithm, digest) -> claims.add(field, algorithm, digest));
        }
        List<String> md5 = headers.getAll(MD5);
        if (md5.size() > 1) {
            throw malformed(MD5);
        }
        md5.forEach(value -> claims.add(MD5, "MD5", value.strip()));
        return claims;
    }

    @Override
    public void update(byte[] chunk) {
        computed.values().forEach(digest -> digest.update(chunk));
    }

    /** @throws dev.sluice.failure.SluiceException {@code BAD_DIGEST}, naming the header, if a digest differs */
    @Override
    public void verify(byte[] sha256) {
        Map<String, byte[]> digests = new HashMap<>(Map.of(SHA_256, sha256));
        computed.forEach((algorithm, digest) -> digests.put(algorithm, digest.digest()));
        for (Claim claim : claims) {
            if (!MessageDigest.isEqual(digests.get(claim.algorithm()), claim.announced())) {
                throw Failure.BAD_DIGEST.because("The body does not have the digest of the header " + claim.header());
            }
        }
    }

    /** Returns the members of a dictionary. Of a repeated key the last value counts. */
    private static Map<String, String> members(String field, List<String> dictionary) {
        Map<String, String> members = new LinkedHashMap<>();
        for (String line : dictionary) {
            for (String text : line.split(",", -1)) {
                Matcher member = MEMBER.matcher(text.strip());
                if (!member.matches()) {
                    throw malformed(field);
                }
                String algorithm = ALGORITHMS.get(member.group(1).toLowerCase(Locale.ROOT));
                if (algorithm != null) {
                    members.put(algorithm, member.group(2));
                }
            }
        }
        return members;
    }

    private void add(String field, String algorithm, String base64) {
        MessageDigest digest = digest(algorithm);
        try {
            byte[] announced = Base64.getDecoder().decode(base64);
            if (announced.length != digest.getDigestLength()) {
                throw malformed(field);
            }
            if (!algorithm.equals(SHA_256)) {
                computed.putIfAbsent(algorithm, digest);
            }
            claims.add(new Claim(field, algorithm, announced));
        } catch (IllegalArgumentException notBase64) {
            throw malformed(field);
        }
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    private static RuntimeException malformed(String field) {
        return Failure.INVALID.because("The header " + field + " must be a digest, such as "
                + (field.equals(MD5)
                        ? "Q2hlY2sgSW50ZWdyaXR5IQ=="
                        : "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"));
    }
}
