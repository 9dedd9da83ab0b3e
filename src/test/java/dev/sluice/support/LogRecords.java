package dev.sluice.support;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Logger;

/** Records the messages of one log category until it is closed, as {@code LEVEL message}. */
public final class LogRecords extends ExtHandler {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Logger logger;

    private LogRecords(Logger logger) {
        this.logger = logger;
    }

    public static LogRecords of(String category) {
        Logger logger = Logger.getLogger(category);
        LogRecords records = new LogRecords(logger);
        logger.setLevel(Level.ALL);
        logger.addHandler(records);
        return records;
    }

    public List<String> messages() {
        return messages;
    }

    @Override
    protected void doPublish(ExtLogRecord record) {
        messages.add(level(record) + " " + record.getFormattedMessage());
    }

    @Override
    public void close() {
        logger.removeHandler(this);
    }

    private static String level(LogRecord record) {
        return record.getLevel().getName().toUpperCase(Locale.ROOT);
    }
}
