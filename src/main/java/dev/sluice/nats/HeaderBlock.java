package dev.sluice.nats;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.support.IncomingHeadersProcessor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header block of a message in bytes (ADR-4). Servers do not validate it, and clients differ: jnats throws on
 * non-ASCII characters and on names with a space, clients in other languages write and read them. A block that jnats
 * cannot read is therefore passed through jnats wrapped, as the value of a single header, and parsed here. A block that a
 * client published with this header is wrapped too: else its value would be taken for the headers of the message. So is
 * the block of a message that a client published with a status line, which older servers store (2.9 does, 2.15 removes it): jnats would take
 * the message for a status of the server and drop its payload.
 */
public final class HeaderBlock {
    /** The header with the sequence of a stored message in the reply to a direct get (ADR-31). */
    public static final String STORED_SEQUENCE = "Nats-Sequence";

    private static final String WRAPPED = "Sluice-Foreign-Headers";
    private static final byte[] WRAPPED_NAME = (WRAPPED + ":").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION = "NATS/1.0\r\n".getBytes(StandardCharsets.US_ASCII);

    private HeaderBlock() {}

    /** Returns the headers by name, in the received order, with any characters. Empty if there are none. */
    public static Map<String, List<String>> headers(Message message) {
        Headers headers = message.getHeaders();
        if (headers == null || headers.isEmpty()) {
            return Map.of();
        }
        return wrapped(headers).map(HeaderBlock::parse).orElseGet(() -> {
            Map<String, List<String>> read = new LinkedHashMap<>();
            headers.forEach(read::put);
            return Collections.unmodifiableMap(read);
        });
    }

    /** Returns the last value of the header {@code name}, with any characters. Null if there is none. */
    public static @Nullable String last(Message message, String name) {
        Headers headers = message.getHeaders();
        if (headers == null) {
            return null;
        }
        Optional<byte[]> wrapped = wrapped(headers);
        if (wrapped.isEmpty()) {
            return headers.getLast(name);
        }
        List<String> values = parse(wrapped.get()).getOrDefault(name, List.of());
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    /** Returns the original header block if jnats cannot read it. Empty for all other messages. */
    public static Optional<byte[]> foreign(Message message) {
        Headers headers = message.getHeaders();
        return headers == null ? Optional.empty() : wrapped(headers);
    }

    /** Parses a block into headers by name, in order, with any characters. Skips lines that are not a header. */
    public static Map<String, List<String>> parse(byte[] block) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        String[] lines = new String(block, StandardCharsets.UTF_8).split("\r\n", -1);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(lines[i].substring(0, colon), name -> new ArrayList<>())
                        .add(lines[i].substring(colon + 1).strip());
            }
        }
        return headers;
    }

    /** Returns whether the block at {@code buffer[from, to)} begins with a status. The server's own and published ones do. */
    static boolean hasStatus(byte[] buffer, int from, int to) {
        int end = from + VERSION.length;
        return end > to || !Arrays.equals(buffer, from, end, VERSION, 0, VERSION.length);
    }

    /** Returns whether the block at {@code buffer[from, to)} is that of a stored message in the reply to a direct get. */
    static boolean isOfStoredMessage(byte[] buffer, int from, int to) {
        return new String(buffer, from, to - from, StandardCharsets.ISO_8859_1)
                .contains("\r\n" + STORED_SEQUENCE + ":");
    }

    /** Returns whether jnats can read the block at {@code buffer[from, to)}, and {@link #headers} does not unwrap it. */
    static boolean readable(byte[] buffer, int from, int to) {
        return (plain(buffer, from, to) && !looksWrapped(buffer, from + VERSION.length, to))
                || jnatsReads(Arrays.copyOfRange(buffer, from, to));
    }

    /** Wraps the block at {@code buffer[from, to)} into a block that jnats can read. {@link #headers} unwraps it. */
    static byte[] wrap(byte[] buffer, int from, int to) {
        String value = Base64.getEncoder().encodeToString(Arrays.copyOfRange(buffer, from, to));
        return ("NATS/1.0\r\n" + WRAPPED + ": " + value + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Fast check: returns whether the block has only names and values that every client reads. Most blocks pass. */
    private static boolean plain(byte[] buffer, int from, int to) {
        if (hasStatus(buffer, from, to)) {
            return false;
        }
        int at = from + VERSION.length;
        while (to - at > 2) {
            int colon = at;
            while (colon < to && buffer[colon] > ' ' && buffer[colon] < 127 && buffer[colon] != ':') {
                colon++;
            }
            int end = colon;
            while (end < to && buffer[end] >= ' ' && buffer[end] < 127) {
                end++;
            }
            if (colon == at || colon == end || buffer[colon] != ':' || !lineEnds(buffer, end, to)) {
                return false;
            }
            at = end + 2;
        }
        return at == to - 2 && lineEnds(buffer, at, to);
    }

    /** Only a block whose single header has this name is unwrapped, so only the first name matters. */
    private static boolean looksWrapped(byte[] buffer, int at, int to) {
        int end = at + WRAPPED_NAME.length;
        return end <= to && Arrays.equals(buffer, at, end, WRAPPED_NAME, 0, WRAPPED_NAME.length);
    }

    private static boolean lineEnds(byte[] buffer, int at, int to) {
        return to - at >= 2 && buffer[at] == '\r' && buffer[at + 1] == '\n';
    }

    private static boolean jnatsReads(byte[] block) {
        try {
            IncomingHeadersProcessor read = new IncomingHeadersProcessor(block);
            return read.getSerializedLength() == block.length
                    && (read.getHeaders() == null || !read.getHeaders().containsKey(WRAPPED));
        } catch (RuntimeException unreadable) {
            return false;
        }
    }

    private static Optional<byte[]> wrapped(Headers headers) {
        String value = headers.size() == 1 ? headers.getFirst(WRAPPED) : null;
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(value));
        } catch (IllegalArgumentException publishedSo) {
            return Optional.empty();
        }
    }
}
