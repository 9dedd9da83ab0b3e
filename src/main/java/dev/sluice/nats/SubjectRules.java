package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.nio.charset.StandardCharsets;

/** The common rules of subjects and patterns: valid characters, maximum length, reserved subjects. */
final class SubjectRules {
    static final int MAX_BYTES = 1024;

    private SubjectRules() {}

    /** Validates {@code raw} and returns its tokens. The caller checks the wildcards. */
    static String[] tokens(String raw) {
        check(raw);
        return raw.split("\\.", -1);
    }

    /** Validates {@code raw}, except its wildcards. Does not allocate: every published message passes here. */
    static void check(String raw) {
        if (isTooLong(raw)) {
            throw Failure.BAD_SUBJECT.because("A subject may have at most " + MAX_BYTES + " bytes");
        }
        boolean tokenIsEmpty = true;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '.') {
                if (tokenIsEmpty) {
                    throw emptyToken();
                }
                tokenIsEmpty = true;
            } else {
                tokenIsEmpty = false;
                if (c <= ' ' || c > '~') {
                    int codePoint = raw.codePointAt(i);
                    checkPrintable(codePoint);
                    i += Character.charCount(codePoint) - 1;
                }
            }
        }
        if (tokenIsEmpty) {
            throw emptyToken();
        }
        if (Subject.reserved(raw)) {
            throw Failure.RESERVED_SUBJECT
                    .because("Subjects that begin with $ or _INBOX. are reserved for NATS")
                    .onSubject(raw);
        }
    }

    private static boolean isTooLong(String raw) {
        return raw.length() > MAX_BYTES
                || (raw.length() > MAX_BYTES / 3 && raw.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES);
    }

    private static SluiceException emptyToken() {
        return Failure.BAD_SUBJECT.because(
                "A subject must not have an empty token: no leading, trailing or double dot");
    }

    private static void checkPrintable(int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                throw Failure.BAD_SUBJECT.because(
                        "A subject must have printable characters only, without spaces; U+%04X is not allowed"
                                .formatted(codePoint));
            default -> {
                if (codePoint == 0xFFFD) {
                    throw Failure.BAD_SUBJECT.because("A subject must be valid UTF-8");
                }
            }
        }
    }
}
