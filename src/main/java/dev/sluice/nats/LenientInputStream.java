package dev.sluice.nats;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The input of a NATS connection, in which header blocks that jnats cannot read or takes for a status are wrapped, see
 * {@link HeaderBlock}. One unreadable message would end the reader of jnats, and all data after the message on the
 * connection would be lost.
 *
 * <p>Parses only control lines, the sizes in the control lines of messages, and header blocks. Bytes pass from the
 * socket directly to the caller's buffer. Only an incomplete line or block, and data to wrap, are held back, in a
 * buffer that grows to their size.
 *
 * <p>Confined to the reader thread.
 */
final class LenientInputStream extends InputStream {
    private static final int SPARE = 4 << 10;
    private static final int MAX_KEPT = 64 << 10;
    private static final byte[] NONE = {};

    private final InputStream in;
    private final Runnable wrapping;
    /** Remaining bytes of the current message that pass without inspection. */
    private long passing;

    private byte[] held = NONE;
    private int from;
    private int decided;
    private int to;

    /** @param wrapping is run for each message whose headers are wrapped */
    LenientInputStream(InputStream in, Runnable wrapping) {
        this.in = in;
        this.wrapping = wrapping;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (from == decided) {
            int wrapped = wrap();
            if (wrapped > 0) {
                decided = decide(held, wrapped, to);
            } else if (to - from < length) {
                int passed = pass(target, offset, length);
                if (passed != 0) {
                    return passed;
                }
            } else if (more()) {
                decided = decide(held, from, to);
            } else {
                return -1;
            }
        }
        return serve(target, offset, length);
    }

    /**
     * Copies the held bytes into {@code target}, reads after them and holds an incomplete end. Returns the number of
     * bytes that can be passed on, or -1 at the end of the stream.
     */
    private int pass(byte[] target, int offset, int length) throws IOException {
        int begun = to - from;
        System.arraycopy(held, from, target, offset, begun);
        int read = in.read(target, offset + begun, length - begun);
        if (read < 0) {
            return -1;
        }
        int end = offset + begun + read;
        int whole = decide(target, offset, end);
        hold(target, whole, end);
        return whole - offset;
    }

    /** Returns the end of the part of {@code buffer[start, end)} that can be passed on unchanged. */
    private int decide(byte[] buffer, int start, int end) throws IOException {
        int at = start;
        while (at < end) {
            if (passing > 0) {
                int passed = (int) Math.min(passing, end - at);
                passing -= passed;
                at += passed;
                continue;
            }
            int line = lineEnd(buffer, at, end);
            if (line < 0) {
                break;
            }
            switch (buffer[at]) {
                case 'M', 'm' -> passing = ControlLine.last(buffer, at, line) + 2L;
                case 'H', 'h' -> {
                    int headers = ControlLine.lastButOne(buffer, at, line);
                    if (headers > end - line || mustWrap(buffer, at, line, line + headers)) {
                        return at;
                    }
                    passing = ControlLine.last(buffer, at, line) - headers + 2L;
                    line += headers;
                }
                default -> {}
            }
            at = line;
        }
        return at;
    }

    /** Returns whether jnats cannot read the block at {@code buffer[block, end)}, or would take its message for a status. */
    private static boolean mustWrap(byte[] buffer, int line, int block, int end) throws IOException {
        return !HeaderBlock.readable(buffer, block, end)
                || (HeaderBlock.hasStatus(buffer, block, end) && isMessage(buffer, line, block, end));
    }

    /** Distinguishes a message with a published status. A status of a server has no payload and is not stored. */
    private static boolean isMessage(byte[] buffer, int line, int block, int end) throws IOException {
        return ControlLine.last(buffer, line, block) > end - block
                || ControlLine.hasAckSubject(buffer, line, block)
                || HeaderBlock.isOfStoredMessage(buffer, block, end);
    }

    /**
     * Wraps the headers of the held message. Returns the end of the wrapped block, which is not inspected again, or 0 if there
     * is no complete header block.
     */
    private int wrap() throws IOException {
        int line = lineEnd(held, from, to);
        if (line < 0 || (held[from] | 0x20) != 'h') {
            return 0;
        }
        int headers = ControlLine.lastButOne(held, from, line);
        if (headers > to - line) {
            return 0;
        }
        byte[] block = HeaderBlock.wrap(held, line, line + headers);
        int size = ControlLine.last(held, from, line) - headers + block.length;
        byte[] begin = ControlLine.withSizes(held, from, line, block.length, size);
        byte[] wrapped = Arrays.copyOf(begin, begin.length + block.length + to - line - headers);
        System.arraycopy(block, 0, wrapped, begin.length, block.length);
        System.arraycopy(held, line + headers, wrapped, begin.length + block.length, to - line - headers);
        passing = size - block.length + 2L;
        replace(wrapped, wrapped.length);
        wrapping.run();
        return begin.length + block.length;
    }

    /** Reads more bytes after the held ones. Returns false at the end of the stream. */
    private boolean more() throws IOException {
        if (to == held.length) {
            replace(Arrays.copyOfRange(held, from, to + Math.max(SPARE, to - from)), to - from);
        }
        int read = in.read(held, to, held.length - to);
        to += Math.max(0, read);
        return read >= 0;
    }

    private void hold(byte[] buffer, int start, int end) {
        int length = end - start;
        byte[] large = length <= held.length && held.length <= MAX_KEPT ? held : new byte[Math.max(SPARE, length)];
        System.arraycopy(buffer, start, large, 0, length);
        replace(large, length);
    }

    private void replace(byte[] buffer, int length) {
        held = buffer;
        from = 0;
        decided = 0;
        to = length;
    }

    private int serve(byte[] target, int offset, int length) {
        int served = Math.min(length, decided - from);
        System.arraycopy(held, from, target, offset, served);
        from += served;
        return served;
    }

    private static int lineEnd(byte[] buffer, int start, int end) {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }
}
