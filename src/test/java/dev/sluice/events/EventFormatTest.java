package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamException;
import com.launchdarkly.logging.LDLogger;
import dev.sluice.nats.InboundMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any payload is unchanged after a round trip through the encoder and a third-party EventSource parser.
 *
 * <p>The parser (LaunchDarkly's) deviates from WHATWG HTML 9.2.6 in one relevant point: it dispatches an event with
 * empty data, which a browser discards. Both agree on the value of the data.
 */
class EventFormatTest {
    private static final Instant TIME = Instant.parse("2026-08-27T10:15:30.123456789Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Payloads that are known to break encoders. */
    static List<byte[]> awkward() {
        byte[] mebibyte = new byte[1 << 20];
        new Random(7).nextBytes(mebibyte);
        return List.of(
                utf8(""),
                utf8("\n"),
                utf8("\r"),
                utf8("\r\n"),
                utf8("\n\r"),
                utf8("\n\n"),
                utf8("\r\r\n\n"),
                utf8("a\rb\nc\r\nd"),
                utf8("ends with LF\n"),
                utf8("ends with CR\r"),
                utf8(" leading space"),
                utf8("  two spaces\n  and again"),
                utf8("\tleading tab"),
                utf8("\0"),
                utf8("a\0b"),
                utf8("\uFEFFstarts with a byte order mark"),
                utf8("a\n\uFEFFb"),
                utf8("data: x\nevent: closed\nid: 7\nretry: 1"),
                utf8(": comment"),
                utf8("\n\ndata: second event\n\n"),
                utf8("\u2028 and \u2029 and \u0085 and \u000B end no line"),
                utf8("emoji 🚀 and 👩‍👩‍👧 and 𝄞"),
                utf8("\"quoted\" \\ / \u0001\u001F\u007F"),
                new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                new byte[] {(byte) 0xED, (byte) 0xB0, (byte) 0x80, 'x'},
                new byte[] {(byte) 0xC0, (byte) 0x80},
                new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                new byte[] {(byte) 0xF0, (byte) 0x9F, (byte) 0x9A},
                new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 'a'},
                new byte[] {0, (byte) 0x80, '\n', '\r'},
                utf8("x".repeat(1 << 20)),
                utf8("🚀\r\n".repeat(1 << 17)),
                mebibyte);
    }

    @Provide
    Arbitrary<byte[]> texts() {
        return Arbitraries.of("\r", "\n", "\r\n", "\0", "\uFEFF", " ", ":", "data", "a", "é", "🚀", "\"", "\\")
                .list()
                .ofMaxSize(30)
                .map(parts -> utf8(String.join("", parts)));
    }

    @ParameterizedTest
    @MethodSource("awkward")
    void jsonPreservesSpecialCharacters(byte[] payload) throws Exception {
        assertThat(payloadOf(throughJson(payload))).isEqualTo(payload);
    }

    @Property(tries = 500)
    void jsonKeepsAnyBytes(@ForAll byte[] payload) throws Exception {
        assertThat(payloadOf(throughJson(payload))).isEqualTo(payload);
    }

    @Property(tries = 1_000)
    void jsonKeepsAnyText(@ForAll("texts") byte[] payload) throws Exception {
        assertThat(payloadOf(throughJson(payload))).isEqualTo(payload);
    }

    @ParameterizedTest
    @MethodSource("awkward")
    void rawPreservesSpecialCharacters(byte[] payload) throws Exception {
        assertRawKeeps(payload);
    }

    @Property(tries = 500)
    void rawKeepsAnyBytes(@ForAll byte[] payload) throws Exception {
        assertRawKeeps(payload);
    }

    @Property(tries = 1_000)
    void rawKeepsAnyText(@ForAll("texts") byte[] payload) throws Exception {
        assertRawKeeps(payload);
    }

    @Test
    void jsonHasTheOriginOfTheMessage() throws Exception {
        InboundMessage message =
                new InboundMessage("logs.größe.🚀", null, Map.of("Trace", List.of("a", "b \"quoted\"")), utf8("hello"));

        JsonNode event =
                JSON.readTree(only(EventFormat.JSON.encode(message, TIME, null)).getData());

        assertThat(event.path("subject").textValue()).isEqualTo("logs.größe.🚀");
        assertThat(Instant.parse(event.path("time").textValue())).isEqualTo(TIME);
        assertThat(event.path("headers").path("Trace")).hasToString("[\"a\",\"b \\\"quoted\\\"\"]");
        assertThat(event.path("data").textValue()).isEqualTo("hello");
        assertThat(event.has("seq")).isFalse();
    }

    @Test
    void jsonIsOneLine() {
        String frame =
                new String(EventFormat.JSON.encode(message(utf8("a\r\nb\n")), TIME, null), StandardCharsets.UTF_8);

        assertThat(frame).startsWith("data: {").endsWith("}\n\n").hasLineCount(2);
    }

    @Test
    void aMessageHasNoEventField() throws Exception {
        assertThat(throughJson(new byte[] {(byte) 0xFF}).getEventName()).isEqualTo("message");
        assertThat(throughRaw(utf8("text")).getEventName()).isEqualTo("message");
    }

    @Test
    void aMessageCannotPretendToBeAControlEvent() throws Exception {
        MessageEvent event = throughRaw(utf8("x\nevent: closed\ndata: {}\nid: 1"));

        assertThat(event.getEventName()).isEqualTo("message");
        assertThat(event.getLastEventId()).isNull();
    }

    private static void assertRawKeeps(byte[] payload) throws Exception {
        MessageEvent event = throughRaw(payload);
        String text = textOf(payload);
        if (text == null) {
            assertThat(event.getEventName()).isEqualTo("binary");
            assertThat(Base64.getDecoder().decode(event.getData())).isEqualTo(payload);
        } else {
            assertThat(event.getEventName()).isEqualTo("message");
            assertThat(event.getData()).isEqualTo(text.replace("\r\n", "\n").replace('\r', '\n'));
        }
    }

    private static byte[] payloadOf(MessageEvent event) throws IOException {
        JsonNode json = JSON.readTree(event.getData());
        return json.has("data")
                ? utf8(json.path("data").textValue())
                : json.path("data_base64").binaryValue();
    }

    private static MessageEvent throughJson(byte[] payload) throws Exception {
        return only(EventFormat.JSON.encode(message(payload), TIME, null));
    }

    private static MessageEvent throughRaw(byte[] payload) throws Exception {
        return only(EventFormat.RAW.encode(message(payload), TIME, null));
    }

    private static InboundMessage message(byte[] payload) {
        return new InboundMessage("logs.test", null, Map.of(), payload);
    }

    /** Returns the single event in {@code frame}, parsed between the start of a stream and another event. */
    private static MessageEvent only(byte[] frame) throws StreamException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(utf8(":\n\n"));
        stream.writeBytes(frame);
        stream.writeBytes(utf8("event: end\ndata: of stream\n\n"));
        try (EventSource source = new EventSource.Builder(new Bytes(stream.toByteArray())).build()) {
            source.start();
            MessageEvent event = source.readMessage();
            assertThat(source.readMessage().getEventName()).isEqualTo("end");
            return event;
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the text of valid UTF-8, or null for other bytes. */
    private static String textOf(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** A connection that delivers the given bytes. */
    private static final class Bytes extends ConnectStrategy {
        private static final URI ORIGIN = URI.create("http://localhost/");
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public Client createClient(LDLogger logger) {
            InputStream stream = new ByteArrayInputStream(bytes);
            Closeable nothing = () -> {};
            return new Client() {
                @Override
                public Result connect(String lastEventId) {
                    return new Result(stream, ORIGIN, nothing);
                }

                @Override
                public boolean awaitClosed(long timeoutMillis) {
                    return true;
                }

                @Override
                public URI getOrigin() {
                    return ORIGIN;
                }

                @Override
                public void close() {}
            };
        }
    }
}
