package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import java.util.regex.Pattern;

/** A pattern of bucket keys: as a key, with {@code *} for one token and a trailing {@code >} for one or more. */
public record KeyPattern(String value) {
    private static final int MAX_LENGTH = 512;
    private static final String TOKEN = "(?:[-/_=a-zA-Z0-9]+|\\*)";
    private static final Pattern FORM = Pattern.compile("(?:" + TOKEN + "\\.)*(?:" + TOKEN + "|>)");

    public static final KeyPattern ALL = new KeyPattern(">");

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rules in the message */
    public KeyPattern {
        if (value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
            throw Failure.INVALID.because("A filter of keys is like a key, but a token can be * and the last one >");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
