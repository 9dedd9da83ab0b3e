package dev.sluice.nats;

import dev.sluice.flow.EnumCounters;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Counts and logs the connection events of one service. Each log message about an outage appears once per outage, not
 * once per attempt or link. The end of an outage is logged once, when all links are up. Each other log message appears
 * at most once a minute.
 */
public final class ConnectionEvents {
    private static final Logger LOG = Logger.getLogger(ConnectionEvents.class);
    private static final long REPEAT_AFTER = TimeUnit.MINUTES.toNanos(1);
    /** Maximum number of remembered log messages. If it is reached, all are cleared and may be logged again. */
    private static final int REMEMBERED = 64;

    private final EnumCounters<ConnectionEvent> counts = new EnumCounters<>(ConnectionEvent.class);
    private final Set<String> down = new HashSet<>();
    private final Set<String> loggedInOutage = new HashSet<>();
    private final Map<String, Long> lastLogged = new HashMap<>();

    ConnectionEvents() {}

    /** Returns the number of occurrences of {@code event} since startup, over all links. */
    public long count(ConnectionEvent event) {
        return counts.count(event);
    }

    void happened(ConnectionEvent event) {
        counts.increment(event);
    }

    /** Registers a link that starts to connect. It counts as down until it is connected. */
    synchronized void awaiting(String link) {
        down.add(link);
    }

    synchronized void up(String link, String server) {
        if (down.remove(link) && down.isEmpty()) {
            loggedInOutage.clear();
            LOG.infof("Connected to NATS: %s", server);
        }
    }

    synchronized void lost(String link, String reason) {
        happened(ConnectionEvent.DISCONNECTED);
        down.add(link);
        warnOfOutage("The connection to NATS is lost: " + reason);
    }

    synchronized void attemptFailed(String link, String reason) {
        happened(ConnectionEvent.ATTEMPT_FAILED);
        down.add(link);
        warnOfOutage("NATS cannot be reached, trying again: " + reason);
    }

    synchronized void refused(String link, String error) {
        happened(ConnectionEvent.REFUSED);
        down.add(link);
        warnOfOutage("NATS refuses the connection, trying again: " + error);
    }

    synchronized void gaveUp(int reconnects) {
        happened(ConnectionEvent.GAVE_UP);
        String report = "NATS was not reached in " + reconnects
                + " reconnects, the limit of sluice.nats.max-reconnects: no further attempt until a restart";
        if (loggedInOutage.add(report)) {
            LOG.error(report);
        }
    }

    /** Counts {@code event} and logs {@code report}, unless the same text was logged within the last minute. */
    void report(ConnectionEvent event, String report) {
        happened(event);
        warn(report);
    }

    /** Logs {@code report}, unless the same text was logged within the last minute. */
    synchronized void warn(String report) {
        long now = System.nanoTime();
        Long before = lastLogged.get(report);
        if (before == null || now - before > REPEAT_AFTER) {
            if (lastLogged.size() >= REMEMBERED) {
                lastLogged.clear();
            }
            lastLogged.put(report, now);
            LOG.warn(report);
        }
    }

    private void warnOfOutage(String report) {
        if (loggedInOutage.size() >= REMEMBERED) {
            loggedInOutage.clear();
        }
        if (loggedInOutage.add(report)) {
            LOG.warn(report);
        }
    }
}
