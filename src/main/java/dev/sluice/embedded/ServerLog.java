package dev.sluice.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Writes the output of a nats-server to the log, category {@code nats-server}, each line at its own level. Runs in its
 * own thread until the last process that holds the output has ended: a server whose output is not read stalls.
 */
final class ServerLog implements Runnable {
    private static final Logger LOG = Logger.getLogger("nats-server");
    private static final Pattern LINE = Pattern.compile("\\[\\d+] \\[([A-Z]{3})] ?(.*)");

    private final InputStream output;
    private volatile String lastComplaint = "it printed no error";

    ServerLog(InputStream output) {
        this.output = output;
    }

    @Override
    public void run() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
            }
        } catch (IOException e) {
            LOG.debugf("The output of the nats-server ended: %s", e.getMessage());
        }
    }

    /**
     * Returns the last line at level error or above, or in another format than the server's log format. It is the
     * reason why the server does not start.
     */
    String lastComplaint() {
        return lastComplaint;
    }

    private void take(String line) {
        Matcher parts = LINE.matcher(line);
        Logger.Level level = parts.matches() ? level(parts.group(1)) : Logger.Level.ERROR;
        String text = parts.matches() ? parts.group(2) : line;
        if (level.compareTo(Logger.Level.ERROR) <= 0) {
            lastComplaint = text;
        }
        LOG.log(level, text);
    }

    private static Logger.Level level(String marker) {
        return switch (marker) {
            case "FTL" -> Logger.Level.FATAL;
            case "ERR" -> Logger.Level.ERROR;
            case "WRN" -> Logger.Level.WARN;
            case "DBG" -> Logger.Level.DEBUG;
            case "TRC" -> Logger.Level.TRACE;
            default -> Logger.Level.INFO;
        };
    }
}
