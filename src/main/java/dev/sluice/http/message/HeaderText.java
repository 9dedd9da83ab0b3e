package dev.sluice.http.message;

import java.nio.charset.StandardCharsets;

/**
 * Encodes the header names, header values and subject of a message for HTTP headers. A value with characters other than
 * printable ASCII, which HTTP cannot carry, becomes an {@code ext-value} (RFC 8187): {@code UTF-8''gr%C3%B6%C3%9Fe}. A
 * value that already begins with {@code UTF-8''} is encoded too, to avoid ambiguity. Characters that a header name must
 * not contain are percent-encoded.
 */
public final class HeaderText {
    private static final String ENCODED = "UTF-8''";
    /** The token characters of RFC 9110, section 5.6.2, without the percent sign. */
    private static final String TOKEN_MARKS = "!#$&'*+-.^_`|~";
    /** The {@code attr-char} marks of RFC 8187, section 3.2.1. */
    private static final String ATTRIBUTE_MARKS = "!#$&+-.^_`|~";

    private HeaderText() {}

    static String name(String name) {
        return encode(name, TOKEN_MARKS);
    }

    public static String value(String value) {
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
