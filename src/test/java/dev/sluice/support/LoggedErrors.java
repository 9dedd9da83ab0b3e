package dev.sluice.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Records the errors of all categories, and the warnings with an exception, until it is closed. Clients that leave must
 * not cause any.
 */
public final class LoggedErrors extends Handler {
    private static final Logger ROOT = Logger.getLogger("");

    private final List<String> messages = new CopyOnWriteArrayList<>();

    public LoggedErrors() {
        ROOT.addHandler(this);
    }

    public List<String> messages() {
        return messages;
    }

    @Override
    public void publish(LogRecord entry) {
        int level = entry.getLevel().intValue();
        if (level >= Level.SEVERE.intValue() || (entry.getThrown() != null && level >= Level.WARNING.intValue())) {
            messages.add(entry.getLoggerName() + ": " + entry.getMessage() + ": " + entry.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
    }
}
