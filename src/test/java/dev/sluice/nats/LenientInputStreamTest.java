package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.support.IncomingHeadersProcessor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** jnats receives readable input for any message headers and any chunking of the bytes. */
class LenientInputStreamTest {
    private static final String PLAIN = "NATS/1.0\r\nName: value\r\nOther:\r\n\r\n";
    private static final String STATUS = "NATS/1.0 404 No Messages\r\nNats-Pending-Messages: 1\r\n\r\n";
    private static final String ACCENT = "NATS/1.0\r\nName: café\r\n\r\n";

    /** A frame as the server sends it, and as jnats must receive it. */
    record Frame(String sent, String got) {}

    @Property(tries = 500)
    void passesAllBytesOnInOrderForAnyChunking(
            @ForAll("frames") List<Frame> frames,
            @ForAll @IntRange(min = 1, max = 300) int arriving,
            @ForAll @IntRange(min = 1, max = 300) int asked)
            throws IOException {
        String sent = String.join("", frames.stream().map(Frame::sent).toList());
        String got = String.join("", frames.stream().map(Frame::got).toList());

        assertThat(read(utf8(sent), arriving, asked)).isEqualTo(got);
    }

    @Test
    void readsTheGreetingByteByByte() throws IOException {
        assertThat(read(utf8("INFO {\"server_id\":\"x\"}\r\n"), 1000, 1)).isEqualTo("INFO {\"server_id\":\"x\"}\r\n");
    }

    @Test
    void wrapsABlockThatIsLargerThanEveryBuffer() throws IOException {
        String block = "NATS/1.0\r\nName: " + "é".repeat(300_000) + "\r\n\r\n";

        String got = read(utf8(hmsg("a", block, "payload")), 8192, 1024);

        assertThat(got).endsWith("\r\n\r\npayload\r\n").contains(base64(block));
    }

    @Test
    void wrapsABlockThatAClientPublishedAsIfItWereWrapped() throws IOException {
        String forged = wrapped("NATS/1.0\r\nName: value\r\n\r\n");

        assertThat(read(utf8(hmsg("a", forged, "x")), 100, 100)).isEqualTo(hmsg("a", wrapped(forged), "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HMSG a 1", "HMSG a 1 _INBOX.r", "HMSG a 1 $JS.ACK.W.C.1.1.1.1.0"})
    void wrapsAStatusWithAPayload(String line) throws IOException {
        assertThat(read(utf8(frame(line, STATUS, "payload")), 100, 100))
                .isEqualTo(frame(line, wrapped(STATUS), "payload"));
    }

    @Test
    void wrapsAStatusThatAConsumerDelivers() throws IOException {
        String line = "HMSG a 1 $JS.ACK.W.C.1.1.1.1.0";

        assertThat(read(utf8(frame(line, STATUS, "")), 100, 100)).isEqualTo(frame(line, wrapped(STATUS), ""));
    }

    @Test
    void wrapsAStatusThatADirectGetReturns() throws IOException {
        String stored = "NATS/1.0 404 No Messages\r\nNats-Stream: W\r\nNats-Sequence: 1\r\n\r\n";

        assertThat(read(utf8(hmsg("a", stored, "")), 100, 100)).isEqualTo(hmsg("a", wrapped(stored), ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HMSG _INBOX.a 1", "HMSG _INBOX.a 1 $JS.FC.W.C.x"})
    void passesAStatusOfTheServerOn(String line) throws IOException {
        String sent = frame(line, STATUS, "");

        assertThat(read(utf8(sent), 100, 100)).isEqualTo(sent);
    }

    @Test
    void countsTheMessagesWhoseHeadersItWraps() throws IOException {
        AtomicInteger wrapped = new AtomicInteger();
        String sent = hmsg("a", PLAIN, "x") + hmsg("a", ACCENT, "x") + hmsg("a", PLAIN, "x") + hmsg("a", ACCENT, "x");

        new LenientInputStream(new ByteArrayInputStream(utf8(sent)), wrapped::incrementAndGet).readAllBytes();

        assertThat(wrapped).hasValue(2);
    }

    @Test
    void endsWithTheStreamAlsoInsideALine() throws IOException {
        assertThat(read(utf8("PING\r\nMSG a 1 1"), 100, 100)).isEqualTo("PING\r\n");
    }

    @Test
    void rejectsAMessageWithoutASize() {
        assertThatThrownBy(() -> read(utf8("MSG a 1 many\r\n"), 100, 100)).isInstanceOf(IOException.class);
    }

    @Property(tries = 2000)
    void wrapsEveryHeaderBlockThatJnatsCannotRead(@ForAll("blocks") String block) {
        byte[] bytes = utf8(block);
        byte[] readable =
                HeaderBlock.readable(bytes, 0, bytes.length) ? bytes : HeaderBlock.wrap(bytes, 0, bytes.length);

        assertThat(new IncomingHeadersProcessor(readable).getSerializedLength()).isEqualTo(readable.length);
    }

    @Provide
    Arbitrary<List<Frame>> frames() {
        Arbitrary<String> subjects = Arbitraries.of("a", "logs.ünder", "orders.created");
        Arbitrary<String> payloads =
                Arbitraries.of("", "x", "HMSG a 1 5 5\r\n", "PING\r\n", "é", "\n", "y".repeat(700));
        Arbitrary<Frame> headed = Combinators.combine(subjects, Arbitraries.of(PLAIN, ACCENT), payloads)
                .as((subject, block, payload) -> new Frame(
                        hmsg(subject, block, payload),
                        hmsg(subject, block.equals(ACCENT) ? wrapped(block) : block, payload)));
        Arbitrary<Frame> bare = Combinators.combine(subjects, payloads)
                .as((subject, payload) ->
                        "MSG " + subject + " 12 _INBOX.r " + utf8(payload).length + "\r\n" + payload + "\r\n")
                .map(frame -> new Frame(frame, frame));
        Arbitrary<Frame> others = Arbitraries.of(
                        "PING\r\n", "+OK\r\n", "-ERR 'no'\r\n", "INFO {\"a\":1}\r\n", "PONG\r\n")
                .map(frame -> new Frame(frame, frame));
        return Arbitraries.frequencyOf(Tuple.of(3, headed), Tuple.of(3, bare), Tuple.of(1, others))
                .list()
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> blocks() {
        Arbitrary<String> parts = Arbitraries.of(
                "NATS/1.0", "\r\n", "\r", "\n", "Name", ":", " ", "  ", "é", "503", "100 Idle", "a b", "\0", "\t");
        return parts.list().ofMaxSize(12).map(list -> "NATS/1.0" + String.join("", list) + "\r\n");
    }

    private static String read(byte[] sent, int arriving, int asked) throws IOException {
        InputStream readable = new LenientInputStream(new Trickle(sent, arriving), () -> {});
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] buffer = new byte[asked + 2];
        int read = readable.read(buffer, 1, asked);
        while (read >= 0) {
            got.write(buffer, 1, read);
            read = readable.read(buffer, 1, asked);
        }
        return got.toString(StandardCharsets.UTF_8);
    }

    private static String hmsg(String subject, String block, String payload) {
        return frame("HMSG " + subject + " 7", block, payload);
    }

    /** @param line the control line without its sizes */
    private static String frame(String line, String block, String payload) {
        int headers = utf8(block).length;
        return line + " " + headers + " " + (headers + utf8(payload).length) + "\r\n" + block + payload + "\r\n";
    }

    private static String wrapped(String block) {
        return "NATS/1.0\r\nSluice-Foreign-Headers: " + base64(block) + "\r\n\r\n";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(utf8(text));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a few bytes at a time, like a socket. */
    private static final class Trickle extends ByteArrayInputStream {
        private final int most;

        private Trickle(byte[] bytes, int most) {
            super(bytes);
            this.most = most;
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(most, length));
        }
    }
}
