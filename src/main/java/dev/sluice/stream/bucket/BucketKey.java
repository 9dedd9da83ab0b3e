package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import java.util.regex.Pattern;

/**
 * A validated bucket key (ADR-8). A key becomes the last part of a subject, so the constructor rejects keys that other
 * clients reject or that would change the subject.
 */
public record BucketKey(String value) {
    /**
     * Maximum number of characters. The server limits only the protocol line, to 4 KiB by default, and closes the connection if
     * it is longer. Beside the key, the line has the name of the bucket twice, and a reply subject.
     */
    private static final int MAX_LENGTH = 2_048;

    /** Possessive: otherwise the depth of the stack grows with the number of tokens. */
    private static final Pattern TOKENS = Pattern.compile("[-/_=a-zA-Z0-9]++(?:\\.[-/_=a-zA-Z0-9]++)*+");

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rules in the message */
    public BucketKey {
        if (!valid(value)) {
            throw Failure.INVALID.because(
                    "A key has letters, digits and - / _ = only, in tokens between single dots, and " + MAX_LENGTH
                            + " characters at most");
        }
    }

    /** Returns whether {@code text} is a key. A client of NATS can store values on subjects that are none. */
    static boolean valid(String text) {
        return text.length() <= MAX_LENGTH && TOKENS.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
