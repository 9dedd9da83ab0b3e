package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.LogRecords;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Log lines keep the level that the server assigned. */
class ServerLogTest {
    @ParameterizedTest
    @CsvSource({
        "[7] [TRC] text, TRACE text",
        "[7] [DBG] text, DEBUG text",
        "[7] [INF] text, INFO text",
        "[7] [WRN] text, WARN text",
        "[7] [ERR] text, ERROR text",
        "[7] [FTL] text, FATAL text",
        "panic: text, ERROR panic: text",
    })
    void logsALineAtItsLevel(String line, String logged) {
        try (LogRecords log = LogRecords.of("nats-server")) {
            read(line);

            assertThat(log.messages()).containsExactly(logged);
        }
    }

    @Test
    void keepsTheEmptyLinesOfTheBanner() {
        try (LogRecords log = LogRecords.of("nats-server")) {
            read("[7] [INF] ");

            assertThat(log.messages()).containsExactly("INFO ");
        }
    }

    @Test
    void keepsTheLastError() {
        ServerLog log = read("[7] [ERR] first\n[7] [FTL] second\n[7] [INF] third\n");

        assertThat(log.lastComplaint()).isEqualTo("second");
    }

    private static ServerLog read(String output) {
        ServerLog log = new ServerLog(new ByteArrayInputStream(output.getBytes(StandardCharsets.UTF_8)));
        log.run();
        return log;
    }
}
