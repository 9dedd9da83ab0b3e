package dev.sluice.nats;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's word that our own user may not publish to a subject. NATS has no code for it, only a sentence, so this is
 * the one place that reads it; the subject in it is quoted as Go quotes a string.
 *
 * <p>jnats drops every apostrophe of the sentence before it passes it on, so that a subject with one is not recognised.
 *
 * @param subject as it was published to
 */
record DeniedPublish(String subject) {
    private static final String BEFORE = "Permissions Violation for Publish to \"";
    private static final int HEXADECIMAL = 16;

    /** Reads what the server reported, if it is such a word. */
    static Optional<DeniedPublish> read(String error) {
        boolean quoted = error.startsWith(BEFORE) && error.length() > BEFORE.length() && error.endsWith("\"");
        return quoted
                ? Optional.ofNullable(unquoted(error.substring(BEFORE.length(), error.length() - 1)))
                        .map(DeniedPublish::new)
                : Optional.empty();
    }

    /** What Go quoted; null if it is not quoted like that. */
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

    /** -1 if there is none. */
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
