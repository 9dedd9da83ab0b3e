package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import java.util.regex.Pattern;

/** A pattern of bucket keys: as a key, with {@code *} for one token and a trailing {@code >} for one or more. */
public record KeyPattern(String value) {
    /** With the longest name of a bucket before it, it is a subject pattern of 1,024 bytes. */
    private static final int MAX_LENGTH = 771;

    /** Possessive, as {@link BucketKey}. */
    private static final String TOKEN = "(?:[-/_=a-zA-Z0-9]++|\\*)";

    private static final Pattern FORM = Pattern.compile("(?:" + TOKEN + "\\.)*+(?:" + TOKEN + "|>)");

    public static final KeyPattern ALL = new KeyPattern(">");

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rules in the message */
    public KeyPattern {
        if (value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
            throw Failure.INVALID.because(
                    "A filter of keys is like a key, but a token can be * and the last one >, and it has " + MAX_LENGTH
                            + " characters at most");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
