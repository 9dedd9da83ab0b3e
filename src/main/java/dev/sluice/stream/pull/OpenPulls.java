package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The open pulls of one subscription. They are sent as the budget allows, supervised by a {@link HeartbeatMonitor} that
 * any sign of life restarts, and abandoned all together.
 *
 * <p>Confined to the drain loop, except {@link #heartbeatMonitor} and {@link #heartbeat}.
 */
final class OpenPulls {
    private static final Logger LOG = Logger.getLogger(OpenPulls.class);
    private static final int OVERLAP = 2;
    private static final int ONCE = 1;
    private static final Duration GRACE = Duration.ofMillis(500);
    private static final Duration NO_WAIT = Duration.ofMillis(200);
    private static final String LAST_TERMS =
            ",\"expires\":" + Duration.ofMillis(100).toNanos();

    private final ConsumerRef ref;
    private final PullOptions options;
    private final PullContext context;
    private final PullInbox.Receiver receiver;
    private final PullBudget budget;
    private final HeartbeatMonitor heartbeatMonitor = new HeartbeatMonitor();
    private @Nullable PullInbox inbox;
    private String terms = "";
    private int silence = 1;
    private long reported;
    private boolean receivedSinceReport;
    private long lastReceived = longAgo();
    private long lastSent = longAgo();
    private volatile long epoch;

    OpenPulls(ConsumerRef ref, PullOptions options, PullContext context, PullInbox.Receiver receiver) {
        this(ref, options, OVERLAP, context, receiver);
    }

    private OpenPulls(
            ConsumerRef ref, PullOptions options, int overlap, PullContext context, PullInbox.Receiver receiver) {
        this.ref = ref;
        this.options = options;
        this.context = context;
        this.receiver = receiver;
        this.budget = new PullBudget(options.prefetch(), options.prefetchBytes(), overlap);
    }

    /** Creates an instance that supports {@link #once} only. */
    static OpenPulls ofFetch(ConsumerRef ref, FetchRequest request, PullContext context, PullInbox.Receiver receiver) {
        PullOptions options = new PullOptions(
                request.batch(),
                request.maxBytes(),
                request.expires(),
                request.expires().dividedBy(2),
                Duration.ZERO);
        return new OpenPulls(ref, options, ONCE, context, receiver);
    }

    /** Returns the monitor that fires when open pulls are silent for too long. It also times the driver's retries. */
    HeartbeatMonitor heartbeatMonitor() {
        return heartbeatMonitor;
    }

    /** Restarts the monitor and returns true if {@code pull} is of the current epoch. Any thread. */
    boolean heartbeat(long pull) {
        boolean current = pull >= epoch;
        if (current) {
            heartbeatMonitor.signOfLife();
        }
        return current;
    }

    /** Pulls through {@code connection} from now on. Keeps the inbox if the connection is the same. */
    void through(Connection connection) {
        if (inbox == null || inbox.connection() != connection) {
            reopen(connection);
        }
        reset();
    }

    /**
     * Replaces the inbox. Messages in flight to the old inbox are discarded. If {@code connection} is closed there is
     * no inbox, and so no pulls, until the link reports the next connection.
     */
    void reopen(Connection connection) {
        PullInbox last = inbox;
        inbox = null;
        if (last != null) {
            last.close();
        }
        try {
            inbox = new PullInbox(connection, context.dispatchers().next(connection), receiver);
        } catch (IllegalStateException closed) {
            LOG.debugf("No inbox for pulls from %s: %s", ref, closed.getMessage());
        }
    }

    /** Applies the consumer's limits, and the server's limit of the heartbeat: at most half of the expiry. */
    void obey(ConsumerInfo.PullLimits limits) {
        budget.obey(limits);
        Duration expires = shorter(options.expires(), limits.maxExpires());
        Duration heartbeat = shorter(options.heartbeat(), expires.dividedBy(2));
        terms = ",\"expires\":" + expires.toNanos() + ",\"idle_heartbeat\":" + heartbeat.toNanos();
        silence = PullContext.ticks(heartbeat.multipliedBy(2).plus(GRACE));
    }

    /**
     * Sends the single pull of a fetch. It has no heartbeat: newer servers do not report that too many pulls are open
     * to a pull that has one. A lost pull is noticed after its expiry, when the monitor fires.
     *
     * <p>The status that ends a {@code no_wait} pull does not report the remainder of the pull, and a replicated consumer
     * may send it before the messages. With such a consumer the pull waits for {@link #NO_WAIT} instead.
     *
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void once(ConsumerInfo.PullLimits limits, FetchRequest request, boolean replicated) {
        budget.obey(limits);
        Duration longest = request.waits() || !replicated ? request.expires() : shorter(request.expires(), NO_WAIT);
        Duration expires = shorter(longest, limits.maxExpires());
        boolean waits = request.waits() || replicated;
        terms = waits ? ",\"expires\":" + expires.toNanos() : ",\"no_wait\":true";
        send(request.batch(), 0, 0);
        heartbeatMonitor.after(PullContext.ticks(waits ? expires.plus(GRACE) : expires) + 1);
    }

    /**
     * Sends the pulls that are due and starts the monitor.
     *
     * @param demand requested messages that were neither emitted nor are waiting
     * @param waiting number of messages that wait for demand
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void send(long demand, int waiting, long waitingBytes) {
        PullInbox open = inbox;
        PullBudget.Pull next = open == null ? null : budget.next(demand, waiting, waitingBytes);
        while (open != null && next != null) {
            open.pull(context.api().pullSubject(ref), next, terms);
            lastSent = System.nanoTime();
            context.counters().pulls.increment();
            next = budget.next(demand, waiting, waitingBytes);
        }
        if (budget.openPulls() == 0) {
            heartbeatMonitor.off();
        } else if (!heartbeatMonitor.isSet()) {
            heartbeatMonitor.watch(silence);
        }
    }

    void received(long size) {
        receivedSinceReport = true;
        budget.received(size);
    }

    void ended(PullSignal signal) {
        if (signal.status() == PullStatus.OVERSIZE) {
            budget.oversize(signal.pull(), Math.max(0, signal.pendingMessages()), signal.pendingBytes());
        } else if (signal.reportsRemainder()) {
            budget.ended(signal.pull(), signal.pendingMessages(), signal.pendingBytes());
        } else {
            budget.ended(signal.pull());
        }
    }

    /** Returns the number of messages that the open pulls may still deliver. */
    long outstanding() {
        return budget.outstanding();
    }

    boolean any() {
        return budget.openPulls() > 0;
    }

    /** Abandons all pulls. Messages that they still deliver are accepted. */
    void reset() {
        if (any()) {
            context.counters().resets.increment();
        }
        forget();
    }

    private void forget() {
        budget.reset();
        epoch = budget.epoch();
        heartbeatMonitor.off();
    }

    /** Updates the counter of outstanding messages; called after each burst. */
    void report() {
        if (receivedSinceReport) {
            lastReceived = System.nanoTime();
            receivedSinceReport = false;
        }
        long outstanding = budget.outstanding();
        if (outstanding != reported) {
            context.counters().outstanding.add(outstanding - reported);
            reported = outstanding;
        }
    }

    /**
     * Returns whether a message was received or a pull sent within the last tick, so that messages may be in flight.
     */
    boolean busy() {
        return receivedSinceReport || lately(lastReceived) || lately(lastSent);
    }

    private static boolean lately(long then) {
        return System.nanoTime() - then < PullContext.TICK.toNanos();
    }

    private static long longAgo() {
        return System.nanoTime() - PullContext.TICK.toNanos();
    }

    /** Ends the pulls at the server, but still accepts the messages in flight. */
    void closeAfterInFlight() {
        PullInbox open = inbox;
        if (open != null) {
            open.closeAfterInFlight();
        }
    }

    /**
     * Abandons the open pulls and sends a last one with a short expiry from a new inbox.
     *
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void last(Connection connection) {
        forget();
        reopen(connection);
        terms = LAST_TERMS;
        send(1, 0, 0);
    }

    /** Ends all pulls. Messages in flight are discarded. */
    void close() {
        PullInbox last = inbox;
        if (last != null) {
            last.close();
        }
        forget();
        report();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
