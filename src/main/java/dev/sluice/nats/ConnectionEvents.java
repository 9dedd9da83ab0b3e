package dev.sluice.nats;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * Counts what happens to the connections of one service, and says it in the log: an outage once, not once per attempt
 * or link; its end once, when all links are back; anything else at most once a minute.
 */
public final class ConnectionEvents {
    private static final Logger LOG = Logger.getLogger(ConnectionEvents.class);
    private static final long REPEAT_AFTER = TimeUnit.MINUTES.toNanos(1);
    /** Bounds the texts that are remembered as said; when it is full they are forgotten, and may be said again. */
    private static final int REMEMBERED = 64;

    private final Map<ConnectionEvent, LongAdder> counts = new EnumMap<>(ConnectionEvent.class);
    private final Set<String> away = new HashSet<>();
    private final Set<String> saidOfOutage = new HashSet<>();
    private final Map<String, Long> said = new HashMap<>();

    ConnectionEvents() {
        for (ConnectionEvent event : ConnectionEvent.values()) {
            counts.put(event, new LongAdder());
        }
    }

    /** How often {@code event} has happened since the start, on all links together. */
    public long count(ConnectionEvent event) {
        return counter(event).sum();
    }

    void happened(ConnectionEvent event) {
        counter(event).increment();
    }

    /** {@code link} is going to connect; until it has, it counts as away. */
    synchronized void awaiting(String link) {
        away.add(link);
    }

    synchronized void up(String link, String server) {
        if (away.remove(link) && away.isEmpty()) {
            saidOfOutage.clear();
            LOG.infof("Connected to NATS: %s", server);
        }
    }

    synchronized void lost(String link, String reason) {
        happened(ConnectionEvent.DISCONNECTED);
        away.add(link);
        warnOfOutage("The connection to NATS is lost: " + reason);
    }

    synchronized void attemptFailed(String link, String reason) {
        happened(ConnectionEvent.ATTEMPT_FAILED);
        away.add(link);
        warnOfOutage("NATS cannot be reached, trying again: " + reason);
    }

    synchronized void refused(String link, String error) {
        happened(ConnectionEvent.REFUSED);
        away.add(link);
        warnOfOutage("NATS refuses the connection, trying again: " + error);
    }

    synchronized void gaveUp(int reconnects) {
        happened(ConnectionEvent.GAVE_UP);
        String report = "NATS was not reached in " + reconnects
                + " reconnects, all that sluice.nats.max-reconnects allows: staying down until restarted";
        if (saidOfOutage.add(report)) {
            LOG.error(report);
        }
    }

    /** Counts {@code event} and logs {@code report}, unless the same was logged within the last minute. */
    synchronized void report(ConnectionEvent event, String report) {
        happened(event);
        long now = System.nanoTime();
        Long before = said.get(report);
        if (before == null || now - before > REPEAT_AFTER) {
            if (said.size() >= REMEMBERED) {
                said.clear();
            }
            said.put(report, now);
            LOG.warn(report);
        }
    }

    private void warnOfOutage(String report) {
        if (saidOfOutage.size() >= REMEMBERED) {
            saidOfOutage.clear();
        }
        if (saidOfOutage.add(report)) {
            LOG.warn(report);
        }
    }

    private LongAdder counter(ConnectionEvent event) {
        return counts.getOrDefault(event, new LongAdder());
    }
}
