package dev.sluice.ops;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Formatter;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * A log handler that publishes each record to {@code logs.sluice.<level>}. The logging thread only adds the record to a
 * bounded queue; a dedicated thread publishes it.
 *
 * <p>There is no feedback loop: records that the publishing thread logs are not shipped, and a failed publish is
 * counted but not logged.
 */
final class LogShipper extends ExtHandler {
    private static final Formatter LINE = new PatternFormatter("%-5p [%c] (%t) %s%e");

    private final CorePublisher publisher;
    private final BlockingQueue<OutboundMessage> waiting;
    private final LongAdder dropped;
    private final Thread thread = new Thread(this::ship, "log-shipper");

    LogShipper(CorePublisher publisher, int buffer, LongAdder dropped) {
        this.publisher = publisher;
        this.waiting = new ArrayBlockingQueue<>(buffer);
        this.dropped = dropped;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    protected void doPublish(ExtLogRecord logRecord) {
        if (Thread.currentThread() != thread && !waiting.offer(message(logRecord))) {
            dropped.increment();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void ship() {
        try {
            while (true) {
                OutboundMessage next = waiting.take();
                try {
                    publisher.publish(next);
                } catch (SluiceException e) {
                    dropped.increment();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static OutboundMessage message(ExtLogRecord logRecord) {
        String line = LINE.format(logRecord);
        return new OutboundMessage(subject(logRecord.getLevel()), Map.of(), line.getBytes(StandardCharsets.UTF_8));
    }

    private static Subject subject(java.util.logging.Level level) {
        int value = level.intValue();
        if (value >= Level.ERROR.intValue()) {
            return Subjects.ERROR;
        }
        if (value >= Level.WARN.intValue()) {
            return Subjects.WARN;
        }
        if (value >= Level.INFO.intValue()) {
            return Subjects.INFO;
        }
        return Subjects.DEBUG;
    }

    /** One subject per level. */
    private static final class Subjects {
        static final Subject ERROR = new Subject("logs.sluice.error");
        static final Subject WARN = new Subject("logs.sluice.warn");
        static final Subject INFO = new Subject("logs.sluice.info");
        static final Subject DEBUG = new Subject("logs.sluice.debug");
    }
}
