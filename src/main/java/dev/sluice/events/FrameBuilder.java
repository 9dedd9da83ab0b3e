package dev.sluice.events;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Builds one frame of a tail (WHATWG HTML, 9.2.5 and 9.2.6), field by field.
 *
 * <p>A client treats CR, LF and CRLF as the end of a line and removes one space after the colon. So a space is always
 * written, {@link #text} splits on all three, and {@link #field} rejects characters that would end its line: no part of
 * a value can become another field.
 */
final class FrameBuilder {
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] ID = ascii("id: ");

    /** Writes the data of a frame. */
    interface Line {
        void writeTo(OutputStream bytes) throws IOException;
    }

    private final ByteArrayOutputStream bytes;

    FrameBuilder(int sizeHint) {
        bytes = new ByteArrayOutputStream(sizeHint);
    }

    /** Adds a field with a one-line value, such as {@code event}, {@code id} and {@code retry}. */
    FrameBuilder field(String name, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the value of " + name + " contains the end of a line");
        }
        bytes.writeBytes((name + ": " + value + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    FrameBuilder id(EventId id) {
        bytes.writeBytes(ID);
        bytes.writeBytes(ascii(id.toString()));
        bytes.write('\n');
        return this;
    }

    /** Adds a comment, which clients ignore. */
    FrameBuilder comment() {
        bytes.write(':');
        bytes.write('\n');
        return this;
    }

    /** Adds {@code line} as the data; it must not contain a line break. */
    FrameBuilder line(byte[] line) {
        bytes.writeBytes(DATA);
        bytes.writeBytes(line);
        bytes.write('\n');
        return this;
    }

    /** Adds what {@code line} writes as the data; it must not contain a line break. */
    FrameBuilder line(Line line) {
        bytes.writeBytes(DATA);
        try {
            line.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes.write('\n');
        return this;
    }

    /** Adds {@code text} as the data, split into the lines that a client recognizes; an empty last line is kept. */
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

    /** Returns the frame with the empty line that dispatches it. */
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
