package dev.sluice.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message, and the level that it has for the filter of tails and for the colors of the console, which must be the same.
 *
 * @param charset the encoding of the payload
 * @param level null if it has none
 */
public record LevelCase(
        String subject,
        String text,
        Charset charset,
        @Nullable String level) {
    private static final String LONG = "x".repeat(2_000);

    public static final List<LevelCase> ALL = List.of(
            new LevelCase("logs.web.error", "text", "error"),
            new LevelCase("logs.web.WARNING", "text", "warn"),
            new LevelCase("logs.web.info", "{\"level\":\"error\"}", "info"),
            new LevelCase("logs.web.constructor", "text", null),
            new LevelCase("{\"time\":1,\"severity\" : \"Fatal\"}", "error"),
            new LevelCase("{\"level\":\"debug\"}", "debug"),
            new LevelCase("{\"lvl\":\"warn\"}", "warn"),
            new LevelCase("{\"severityText\":\"ERROR\"}", "error"),
            new LevelCase("{\"log.level\":\"notice\"}", "info"),
            new LevelCase("{\"level\":\"gold\",\"severity\":\"error\"}", "error"),
            new LevelCase("{\"level\":\"gold\"}", null),
            new LevelCase("{\"msg\":\"set \\\"level\\\":\\\"error\\\"\"}", null),
            new LevelCase("{\"level\":10,\"pid\":1}", "debug"),
            new LevelCase("{\"level\":20,\"pid\":1}", "debug"),
            new LevelCase("{\"level\":30,\"pid\":1}", "info"),
            new LevelCase("{\"level\": 40}", "warn"),
            new LevelCase("{\"level\":50}", "error"),
            new LevelCase("{\"level\":60}", "error"),
            new LevelCase("{\"level\":5}", null),
            new LevelCase("{\"level\":500}", null),
            new LevelCase("{\"level\":50.5}", null),
            new LevelCase("2026-12-01 03:34:08,123 ERROR [main] no address", "error"),
            new LevelCase("WARN: the disk is almost full", "warn"),
            new LevelCase("ERROR", "error"),
            new LevelCase("[DEBUG] two\nlines", "debug"),
            new LevelCase("[7] 2026/12/01 03:34:08.123 [WRN] a message of nats-server", "warn"),
            new LevelCase("2026/12/01 03:34:08 [error] 7#0: upstream timed out", "error"),
            new LevelCase("\u001B[31mERROR\u001B[0m in color", "error"),
            new LevelCase("INFO retry after ERROR", "info"),
            new LevelCase("no error, and no Warning", null),
            new LevelCase("LOG_ERROR_COUNT ERRORS", null),
            new LevelCase("→ERROR", "error"),
            new LevelCase("time=2026-12-01T03:34:08Z level=error msg=INFO", "error"),
            new LevelCase("lvl=\"warn\" msg=x", "warn"),
            new LevelCase("severity=critical", "error"),
            new LevelCase("sea_level=error", null),
            new LevelCase("level=errors", null),
            new LevelCase("{\"pad\":\"" + LONG.substring(24) + "\",\"level\":\"error\"}", null),
            new LevelCase("{\"pad\":\"" + LONG.substring(25) + "\",\"level\":\"error\"}", "error"),
            new LevelCase("ü".repeat(1_900) + "\"level\":\"error\"", "error"),
            new LevelCase(LONG.substring(0, 194) + " ERROR", "error"),
            new LevelCase(LONG.substring(0, 195) + " ERROR", null),
            new LevelCase("page.x", "ERROR größe", ISO_8859_1, "error"),
            new LevelCase("", null));

    private LevelCase(String text, @Nullable String level) {
        this("page.x", text, level);
    }

    private LevelCase(String subject, String text, @Nullable String level) {
        this(subject, text, UTF_8, level);
    }

    public byte[] payload() {
        return text.getBytes(charset);
    }

    /** Returns the data of the event that a tail sends. */
    public Map<String, String> event() {
        return charset.equals(UTF_8)
                ? Map.of("subject", subject, "data", text)
                : Map.of("subject", subject, "data_base64", Base64.getEncoder().encodeToString(payload()));
    }

    @Override
    public String toString() {
        return subject + " " + text.substring(0, Math.min(text.length(), 60));
    }
}
