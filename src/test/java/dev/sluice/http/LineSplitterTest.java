package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private static final int LIMIT = 8;

    private final LineSplitter splitter = new LineSplitter(LIMIT);

    @Test
    void findsLinesForAnyChunking() {
        String body = "one\ntwo\n\nfour\r\nfive";
        for (int size = 1; size <= body.length(); size++) {
            assertThat(lines(new LineSplitter(LIMIT), chunks(body, size)))
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
