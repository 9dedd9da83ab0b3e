package dev.sluice.stream.publish;

import java.nio.charset.StandardCharsets;

/**
 * The tokens of one JSON text (RFC 8259), read one after the other without throwing: after the first thing that is out
 * of place it stands at the end, {@link #wellFormed()} is false, and what it returns means nothing. The text has to be
 * valid UTF-8. Not thread-safe.
 */
final class JsonTokens {
    private static final char END = 0;

    private byte[] text = new byte[0];
    private int at;
    private boolean broken;

    void open(byte[] json) {
        text = json;
        at = 0;
        broken = false;
    }

    /** Whether all of the text was read and nothing was out of place. */
    boolean wellFormed() {
        return peek() == END && at == text.length && !broken;
    }

    /** The first character of the next token, which tells its kind; 0 at the end. */
    char peek() {
        while (at < text.length) {
            byte b = text[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return (char) (b & 0xFF);
            }
            at++;
        }
        return END;
    }

    /** Reads a string; one of {@code likely} is returned as it is, without a copy. */
    String string(String... likely) {
        if (!take('"')) {
            broken();
            return "";
        }
        int from = at;
        while (at < text.length && text[at] != '"' && text[at] != '\\' && (text[at] & 0xE0) != 0) {
            at++;
        }
        if (at == text.length || text[at] != '"') {
            return escapedString(from);
        }
        int length = at++ - from;
        for (String candidate : likely) {
            if (sameAscii(candidate, from, length)) {
                return candidate;
            }
        }
        return new String(text, from, length, StandardCharsets.UTF_8);
    }

    /** Reads a number; 0 if it is not written as an integer or does not fit. */
    long integer() {
        int from = at;
        skipNumber();
        long value = 0;
        boolean negative = text.length > from && text[from] == '-';
        for (int i = negative ? from + 1 : from; i < at; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return 0;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    void skipNumber() {
        if (peek() == '-') {
            at++;
        }
        if (at < text.length && text[at] == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length && text[at] == '.') {
            at++;
            digits();
        }
        if (at < text.length && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (at < text.length && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            digits();
        }
    }

    private void digits() {
        int from = at;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        if (at == from) {
            broken();
        }
    }

    void word(String word) {
        if (text.length - at >= word.length() && sameAscii(word, at, word.length())) {
            at += word.length();
        } else {
            broken();
        }
    }

    private String escapedString(int from) {
        StringBuilder value = new StringBuilder();
        int plain = from;
        while (at < text.length && text[at] != '"' && (text[at] & 0xE0) != 0) {
            if (text[at] != '\\') {
                at++;
                continue;
            }
            value.append(new String(text, plain, at - plain, StandardCharsets.UTF_8));
            at++;
            value.append(escape());
            plain = at;
        }
        if (at >= text.length || text[at] != '"') {
            broken();
            return "";
        }
        value.append(new String(text, plain, at - plain, StandardCharsets.UTF_8));
        at++;
        return value.toString();
    }

    private char escape() {
        char c = at < text.length ? (char) text[at++] : END;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> unknownEscape();
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length ? Character.digit((char) (text[at] & 0x7F), 16) : -1;
            if (digit < 0 || text[at] < 0) {
                return unknownEscape();
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    private char unknownEscape() {
        broken();
        return END;
    }

    boolean take(char expected) {
        boolean there = peek() == expected && at < text.length;
        if (there) {
            at++;
        }
        return there;
    }

    private boolean sameAscii(String candidate, int from, int length) {
        if (candidate.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (candidate.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }

    /** Something is out of place. */
    boolean broken() {
        broken = true;
        at = text.length;
        return false;
    }
}
