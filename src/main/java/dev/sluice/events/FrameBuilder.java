package dev.sluice.events;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Builds one frame of an event stream (WHATWG HTML, 9.2.5 and 9.2.6), field by field.
 *
 * <p>A client takes CR, LF and CRLF for the end of a line and eats one space behind the colon. So a space is always
 * written, {@link #text} splits on all three, and {@link #field} refuses what would end its line: nothing in a value can
 * become another field.
 */
final class FrameBuilder {
    private static final byte[] DATA = ascii("data: ");

    private final ByteArrayOutputStream bytes;

    FrameBuilder(int sizeHint) {
        bytes = new ByteArrayOutputStream(sizeHint);
    }

    /** A field whose value is one line, as {@code event}, {@code id} and {@code retry} are. */
    FrameBuilder field(String name, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the value of " + name + " would end its line");
        }
        bytes.writeBytes((name + ": " + value + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** A line that clients ignore. */
    FrameBuilder comment() {
        bytes.write(':');
        bytes.write('\n');
        return this;
    }

    /** {@code line} as the data; it holds no line break. */
    FrameBuilder line(byte[] line) {
        bytes.writeBytes(DATA);
        bytes.writeBytes(line);
        bytes.write('\n');
        return this;
    }

    /** {@code text} as the data, in as many lines as a client will see in it; an empty last line is kept. */
    FrameBuilder text(byte[] text) {
        int from = 0;
        for (int i = 0; i < text.length; i++) {
            boolean carriageReturn = text[i] == '\r';
            if (carriageReturn || text[i] == '\n') {
                segment(text, from, i);
                if (carriageReturn && i + 1 < text.length && text[i + 1] == '\n') {
                    i++;
                }
                from = i + 1;
            }
        }
        segment(text, from, text.length);
        return this;
    }

    /** The frame with the empty line that dispatches it. */
    byte[] end() {
        bytes.write('\n');
        return bytes.toByteArray();
    }

    private void segment(byte[] text, int from, int to) {
        bytes.writeBytes(DATA);
        bytes.write(text, from, to - from);
        bytes.write('\n');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
