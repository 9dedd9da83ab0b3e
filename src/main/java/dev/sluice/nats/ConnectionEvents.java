package dev.sluice.nats;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * Counts what happens to the connections of one service, and says it in the log: an outage once and not once per
 * attempt or per link, its end once when all links are back, any other report once until then.
 */
public final class ConnectionEvents {
    private static final Logger LOG = Logger.getLogger(ConnectionEvents.class);
    /** Bounds the reports that are remembered as said; when it is full they are forgotten, and may be said again. */
    private static final int REMEMBERED = 64;

    private final Map<ConnectionEvent, LongAdder> counts = new EnumMap<>(ConnectionEvent.class);
    private final Set<String> away = new HashSet<>();
    private final Set<String> said = new HashSet<>();

    public ConnectionEvents() {
        for (ConnectionEvent event : ConnectionEvent.values()) {
            counts.put(event, new LongAdder());
        }
    }

    /** How often {@code event} has happened since the start, on all links together. */
    public long count(ConnectionEvent event) {
        return counter(event).sum();
    }

    /** {@code link} is going to connect; until it has, it counts as away. */
    synchronized void awaiting(String link) {
        away.add(link);
    }

    synchronized void up(String link, String server, ConnectionEvent how) {
        counter(how).increment();
        if (away.remove(link) && away.isEmpty()) {
            said.clear();
            LOG.infof("Connected to NATS: %s", server);
        }
    }

    synchronized void lost(String link, String reason) {
        counter(ConnectionEvent.DISCONNECTED).increment();
        away.add(link);
        sayOnce("The connection to NATS is lost: " + reason);
    }

    synchronized void attemptFailed(String link, String reason) {
        counter(ConnectionEvent.ATTEMPT_FAILED).increment();
        away.add(link);
        sayOnce("NATS cannot be reached, trying again: " + reason);
    }

    synchronized void gaveUp(String link, int attempts) {
        counter(ConnectionEvent.GAVE_UP).increment();
        LOG.errorf(
                "NATS link %s: gave up after %d reconnects (sluice.nats.max-reconnects) and stays down until restarted",
                link, attempts);
    }

    /** Counts {@code event} and logs {@code report}, unless it was logged since all links were last connected. */
    synchronized void report(ConnectionEvent event, String report) {
        counter(event).increment();
        sayOnce(report);
    }

    void count(ConnectionEvent event, String atDebug) {
        counter(event).increment();
        LOG.debug(atDebug);
    }

    private void sayOnce(String report) {
        if (said.size() >= REMEMBERED) {
            said.clear();
        }
        if (said.add(report)) {
            LOG.warn(report);
        }
    }

    private LongAdder counter(ConnectionEvent event) {
        return counts.getOrDefault(event, new LongAdder());
    }
}
