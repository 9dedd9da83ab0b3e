package dev.sluice.http;

import java.nio.charset.StandardCharsets;

/**
 * What a message says about itself, in the words of HTTP. A value that HTTP cannot carry, because it has other characters
 * than printable ASCII, becomes an {@code ext-value} (RFC 8187): {@code UTF-8''gr%C3%B6%C3%9Fe}; so does one that only
 * looks like that. What the name of a header must not hold is percent-encoded in it.
 */
final class HeaderText {
    private static final String ENCODED = "UTF-8''";
    /** RFC 9110, 5.6.2, but for the percent sign. */
    private static final String TOKEN_MARKS = "!#$&'*+-.^_`|~";
    /** RFC 8187, 3.2.1. */
    private static final String ATTRIBUTE_MARKS = "!#$&+-.^_`|~";

    private HeaderText() {}

    static String name(String name) {
        return encode(name, TOKEN_MARKS);
    }

    static String value(String value) {
        boolean plain = value.chars().allMatch(c -> c >= ' ' && c < 0x7F) && !value.startsWith(ENCODED);
        return plain ? value : ENCODED + encode(value, ATTRIBUTE_MARKS);
    }

    private static String encode(String text, String marks) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean kept = b > 0 && (Character.isLetterOrDigit(b) || marks.indexOf(b) >= 0);
            if (kept) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append("%02X".formatted(b));
            }
        }
        return encoded.toString();
    }
}
