package dev.sluice.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * A session of the console, as identified by the claims of an ID token. The keys are those of the bucket of {@link Sessions}.
 *
 * @param key the same for every ID token of the session
 * @param userKey the same for every session of the user
 * @param issued when this ID token was issued, as Unix time in seconds
 */
record Session(String key, String userKey, long issued) {
    /** The claim that names a session, in ID tokens and in logout tokens. */
    static final String ID_CLAIM = "sid";

    /** Returns the session of an ID token. Without the claim {@code sid}, all sessions of a user count as one. */
    static Session of(JsonWebToken token) {
        return new Session(
                token.getClaim(ID_CLAIM) instanceof String id
                        ? key(token.getIssuer(), id)
                        : hash(token.getIssuer() + " sub " + token.getSubject()),
                userKey(token.getIssuer(), token.getSubject()),
                token.getIssuedAtTime());
    }

    static String key(String issuer, String id) {
        return hash(issuer + " " + ID_CLAIM + " " + id);
    }

    static String userKey(String issuer, String subject) {
        return hash(issuer + " user " + subject);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
