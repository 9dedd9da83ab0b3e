package dev.sluice.nats;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A permissions violation for a publish of Sluice's own user. NATS has no error code for it, only a text, and only this
 * class parses it. The subject in the text is quoted like a Go string.
 *
 * <p>jnats removes all apostrophes from the text, so a subject with an apostrophe is not recognized.
 *
 * @param subject the subject of the denied publish
 */
record DeniedPublish(String subject) {
    private static final String BEFORE = "Permissions Violation for Publish to \"";
    private static final int HEXADECIMAL = 16;

    /** Parses an error text of the server. Returns empty if it is a different error. */
    static Optional<DeniedPublish> read(String error) {
        boolean quoted = error.startsWith(BEFORE) && error.length() > BEFORE.length() && error.endsWith("\"");
        return quoted
                ? Optional.ofNullable(unquoted(error.substring(BEFORE.length(), error.length() - 1)))
                        .map(DeniedPublish::new)
                : Optional.empty();
    }

    /** Unquotes a Go string. Returns null if the text is empty or not quoted like a Go string. */
    static @Nullable String unquoted(String text) {
        StringBuilder subject = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c == '"') {
                return null;
            }
            if (c != '\\') {
                subject.append(c);
                continue;
            }
            char kind = i < text.length() ? text.charAt(i++) : 0;
            if (kind == '"' || kind == '\\') {
                subject.append(kind);
                continue;
            }
            int digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            int codePoint = digits == 0 ? -1 : codePoint(text, i, i + digits);
            if (codePoint < 0) {
                return null;
            }
            subject.appendCodePoint(codePoint);
            i += digits;
        }
        return subject.isEmpty() ? null : subject.toString();
    }

    /** Parses a hexadecimal code point. Returns -1 if there is none. */
    private static int codePoint(String text, int from, int to) {
        int codePoint = 0;
        for (int i = from; i < to; i++) {
            int digit = i < text.length() ? Character.digit(text.charAt(i), HEXADECIMAL) : -1;
            if (digit < 0) {
                return -1;
            }
            codePoint = codePoint * HEXADECIMAL + digit;
            if (codePoint > Character.MAX_CODE_POINT) {
                return -1;
            }
        }
        return codePoint;
    }
}
