package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Message headers in wire format. The headers of jnats are two hash maps that are copied at each publish; these are
 * serialized once and sent any number of times. For publishing only: the map of {@link Headers} is empty.
 *
 * <p>The headers that the server acts on come first. It looks for the text of a name and, depending on its version, takes
 * a header for missing if the text occurs before it, within another header.
 */
public final class SerializedHeaders extends Headers {
    private static final byte[] VERSION = "NATS/1.0\r\n".getBytes(StandardCharsets.ISO_8859_1);
    /** Begins the name of each header that the server acts on. */
    private static final String ACTED_ON = "Nats-";

    /** The message ids are after the others that the server acts on, because they can have any text. */
    private static final Comparator<Map.Entry<String, List<String>>> ORDER =
            Comparator.comparingInt(header -> switch (header.getKey()) {
                case NatsHeaders.MESSAGE_ID -> 2;
                case NatsHeaders.EXPECTED_LAST_MESSAGE_ID -> 1;
                default -> header.getKey().startsWith(ACTED_ON) ? 0 : 3;
            });

    private final byte[] bytes;

    private SerializedHeaders(byte[] bytes) {
        super(null, true);
        this.bytes = bytes;
    }

    /**
     * Serializes {@code headers}.
     *
     * @param messageId message id to add; null if {@code headers} contains one
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if a name or value would break the protocol, or hide
     *     another header from the server
     */
    public static SerializedHeaders of(Map<String, List<String>> headers, @Nullable String messageId) {
        Collection<Map.Entry<String, List<String>>> fields = headers.entrySet();
        String first = messageId;
        if (anyActedOn(fields)) {
            fields = ordered(fields, messageId);
            first = null;
        }
        int length = VERSION.length + 2;
        if (first != null) {
            length += lengthOf(NatsHeaders.MESSAGE_ID, first);
        }
        for (Map.Entry<String, List<String>> field : fields) {
            for (String value : field.getValue()) {
                length += lengthOf(field.getKey(), value);
            }
        }
        byte[] bytes = new byte[length];
        System.arraycopy(VERSION, 0, bytes, 0, VERSION.length);
        int at = VERSION.length;
        if (first != null) {
            at = put(bytes, at, NatsHeaders.MESSAGE_ID, first);
        }
        for (Map.Entry<String, List<String>> field : fields) {
            for (String value : field.getValue()) {
                at = put(bytes, at, field.getKey(), value);
            }
        }
        lineEnd(bytes, at);
        return new SerializedHeaders(bytes);
    }

    private static boolean anyActedOn(Collection<Map.Entry<String, List<String>>> fields) {
        for (Map.Entry<String, List<String>> field : fields) {
            if (field.getKey().startsWith(ACTED_ON)) {
                return true;
            }
        }
        return false;
    }

    private static List<Map.Entry<String, List<String>>> ordered(
            Collection<Map.Entry<String, List<String>>> fields, @Nullable String messageId) {
        List<Map.Entry<String, List<String>>> ordered = new ArrayList<>(fields);
        if (messageId != null) {
            ordered.add(Map.entry(NatsHeaders.MESSAGE_ID, List.of(messageId)));
        }
        ordered.sort(ORDER);
        requireNoneHidden(ordered);
        return ordered;
    }

    private static void requireNoneHidden(List<Map.Entry<String, List<String>>> ordered) {
        for (int i = 1; i < ordered.size(); i++) {
            String name = ordered.get(i).getKey();
            if (!name.startsWith(ACTED_ON)) {
                return;
            }
            for (Map.Entry<String, List<String>> before : ordered.subList(0, i)) {
                if (before.getValue().stream().anyMatch(value -> value.contains(name))) {
                    throw Failure.INVALID.because("The value of the header " + before.getKey() + " must not contain "
                            + name + ", which is also a header of the message");
                }
            }
        }
    }

    private static int lengthOf(String name, String value) {
        return name.length() + value.length() + 3;
    }

    private static int put(byte[] bytes, int from, String name, String value) {
        if (name.isEmpty()) {
            throw Failure.INVALID.because("A header has a name");
        }
        int at = from;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c > '~' || c == ':') {
                throw Failure.INVALID.because(
                        "A header name has printable ASCII characters only, no space and no colon");
            }
            bytes[at++] = (byte) c;
        }
        bytes[at++] = ':';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 127 || c == '\r' || c == '\n') {
                throw Failure.INVALID.because(
                        "The value of the header " + name + " has ASCII characters only, no line break");
            }
            bytes[at++] = (byte) c;
        }
        return lineEnd(bytes, at);
    }

    private static int lineEnd(byte[] bytes, int at) {
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
        return at + 2;
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public int serializedLength() {
        return bytes.length;
    }

    @Override
    public byte[] getSerialized() {
        return bytes.clone();
    }

    @Override
    public int serializeToArray(int destPosition, byte[] dest) {
        System.arraycopy(bytes, 0, dest, destPosition, bytes.length);
        return bytes.length;
    }
}
