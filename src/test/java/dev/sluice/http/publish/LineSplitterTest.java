package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.body.BodyBytesTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private static final int LIMIT = 8;

    private final BodyBytes bytes = BodyBytesTest.of("20000");
    private final LineSplitter splitter = new LineSplitter(LIMIT, bytes.share());

    @Test
    void findsLinesForAnyChunking() {
        String body = "one\ntwo\n\nfour\r\nfive";
        for (int size = 1; size <= body.length(); size++) {
            assertThat(lines(new LineSplitter(LIMIT, bytes.share()), chunks(body, size)))
                    .containsExactly("1 one", "2 two", "4 four\r", "5 five");
        }
    }

    @Test
    void countsAndOmitsBlankLines() {
        assertThat(lines(splitter, List.of("\n \n\t\r\nx\n"))).containsExactly("4 x");
    }

    @Test
    void discardsTheBytesOfALineThatIsTooLong() {
        assertThat(lines(splitter, List.of("12345678\n", "123456", "789\n", "x\n", "12345", "67890")))
                .containsExactly("1 12345678", "2 too long", "3 x", "4 too long");
    }

    @Test
    void emptyInputHasNoLines() {
        assertThat(lines(splitter, List.of())).isEmpty();
        assertThat(lines(splitter, List.of(""))).isEmpty();
    }

    @Test
    void countsCompleteLines() {
        splitter.split("one\n\nthr".getBytes(StandardCharsets.UTF_8));

        assertThat(splitter.lines()).isEqualTo(2);
    }

    @Test
    void countsALongLineUntilItIsTaken() {
        LineSplitter large = new LineSplitter(1 << 20, bytes.share());

        large.split(new byte[17_000]);
        assertThat(bytes.held()).isEqualTo(17_000);

        List<Line> lines = large.split(new byte[] {'\n'});
        assertThat(lines).hasSize(1);
        assertThat(bytes.held()).isEqualTo(17_000);

        lines.get(0).taken().run();
        assertThat(bytes.held()).isZero();
    }

    @Test
    void releasesWaitingLinesIfItIsClosed() {
        LineSplitter large = new LineSplitter(1 << 20, bytes.share());
        large.split(new byte[17_000]);
        List<Line> waiting = large.split(new byte[] {'\n'});

        large.close();
        waiting.get(0).taken().run();

        assertThat(bytes.held()).isZero();
    }

    @Test
    void discardsALineForWhichThereIsNoRoomAndReadsTheNext() {
        LineSplitter first = new LineSplitter(1 << 20, bytes.share());
        LineSplitter second = new LineSplitter(1 << 20, bytes.share());
        first.split(new byte[17_000]);

        List<Line> lines = new ArrayList<>(second.split(new byte[17_000]));
        lines.addAll(second.split("\nx\n".getBytes(StandardCharsets.UTF_8)));

        assertThat(lines).hasSize(2);
        assertThatThrownBy(lines.get(0)::text)
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.OVERLOADED));
        assertThat(lines.get(1).text()).isEqualTo(new byte[] {'x'});
        assertThat(bytes.held()).isEqualTo(17_000);
        assertThat(bytes.refused()).isEqualTo(1);
    }

    @Test
    void releasesAnIncompleteLineIfItIsClosed() {
        LineSplitter large = new LineSplitter(1 << 20, bytes.share());
        large.split(new byte[17_000]);

        large.close();
        large.split(new byte[17_000]);

        assertThat(bytes.held()).isZero();
    }

    private static List<String> chunks(String body, int size) {
        List<String> chunks = new ArrayList<>();
        for (int at = 0; at < body.length(); at += size) {
            chunks.add(body.substring(at, Math.min(body.length(), at + size)));
        }
        return chunks;
    }

    private static List<String> lines(LineSplitter splitter, List<String> chunks) {
        List<Line> lines = new ArrayList<>();
        chunks.forEach(chunk -> lines.addAll(splitter.split(chunk.getBytes(StandardCharsets.UTF_8))));
        lines.addAll(splitter.end());
        return lines.stream()
                .map(line -> line.number() + " "
                        + (line.bytes() == null ? "too long" : new String(line.bytes(), StandardCharsets.UTF_8)))
                .toList();
    }
}
