package dev.sluice.stream.publish;

import java.nio.charset.StandardCharsets;

/**
 * Reads the tokens of one JSON text (RFC 8259) without throwing. After the first syntax error it is at the end,
 * {@link #wellFormed()} returns {@code false}, and the returned values are undefined. The text must be valid UTF-8. Not
 * thread-safe.
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

    /** Returns whether the whole text was read without a syntax error. */
    boolean wellFormed() {
        return peek() == END && at == text.length && !broken;
    }

    /** Returns the first character of the next token, which identifies its type; 0 at the end. */
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

    /** Reads a string. If it equals one of {@code likely}, returns that instance without a copy. */
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

    /** Reads a number. Returns 0 if it is not written as an integer or does not fit. */
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

    /** Records a syntax error and moves to the end. Returns {@code false}. */
    boolean broken() {
        broken = true;
        at = text.length;
        return false;
    }
}
