package dev.sluice.nats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Parses a message's control line, above all the sizes in bytes at its end: {@code HMSG subject sid [reply] headers total}. */
final class ControlLine {
    private static final int MAX_DIGITS = 9;

    private ControlLine() {}

    /** Returns the last number of the line {@code buffer[start, end)}, which includes the line end. */
    static int last(byte[] buffer, int start, int end) throws IOException {
        return number(buffer, start, lastEnd(buffer, start, end));
    }

    static int lastButOne(byte[] buffer, int start, int end) throws IOException {
        return number(buffer, start, lastButOneEnd(buffer, start, end));
    }

    /** Returns the line with other sizes. */
    static byte[] withSizes(byte[] buffer, int start, int end, int headers, int total) throws IOException {
        int kept = digits(buffer, start, lastButOneEnd(buffer, start, end)) - start;
        byte[] sizes = (headers + " " + total + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] line = Arrays.copyOfRange(buffer, start, start + kept + sizes.length);
        System.arraycopy(sizes, 0, line, kept, sizes.length);
        return line;
    }

    /** Returns whether the reply subject is an ack subject: a consumer delivers the message. */
    static boolean hasAckSubject(byte[] buffer, int start, int end) {
        return new String(buffer, start, end - start, StandardCharsets.ISO_8859_1).contains(" $JS.ACK.");
    }

    private static int number(byte[] buffer, int start, int end) throws IOException {
        int begin = digits(buffer, start, end);
        if (begin == end || end - begin > MAX_DIGITS) {
            throw new IOException("A message has no size");
        }
        int number = 0;
        for (int i = begin; i < end; i++) {
            number = number * 10 + buffer[i] - '0';
        }
        return number;
    }

    private static int lastButOneEnd(byte[] buffer, int start, int end) {
        return blanks(buffer, start, digits(buffer, start, lastEnd(buffer, start, end)));
    }

    private static int lastEnd(byte[] buffer, int start, int end) {
        return blanks(buffer, start, end);
    }

    /** Returns the start of the digits that end at {@code end}. */
    private static int digits(byte[] buffer, int start, int end) {
        int at = end;
        while (at > start && buffer[at - 1] >= '0' && buffer[at - 1] <= '9') {
            at--;
        }
        return at;
    }

    /** Returns the start of the whitespace that ends at {@code end}. */
    private static int blanks(byte[] buffer, int start, int end) {
        int at = end;
        while (at > start && buffer[at - 1] <= ' ' && buffer[at - 1] >= 0) {
            at--;
        }
        return at;
    }
}
