package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The pulls of one subscription that the server holds: sent as the budget allows, watched by an alarm that any sign of
 * life puts back, given up all at once.
 *
 * <p>Drain loop only, but {@link #alarm} and {@link #heartbeat}.
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

    /** For {@link #once}, and nothing else. */
    static OpenPulls ofFetch(ConsumerRef ref, FetchRequest request, PullContext context, PullInbox.Receiver receiver) {
        PullOptions options = new PullOptions(
                request.batch(),
                request.maxBytes(),
                request.expires(),
                request.expires().dividedBy(2),
                Duration.ZERO);
        return new OpenPulls(ref, options, ONCE, context, receiver);
    }

    /** Rings when open pulls have been silent for too long; the driver uses it for its rests as well. */
    HeartbeatMonitor heartbeatMonitor() {
        return heartbeatMonitor;
    }

    /** Whether a pull of this epoch is alive, which puts the alarm back. Any thread. */
    boolean heartbeat(long pull) {
        boolean current = pull >= epoch;
        if (current) {
            heartbeatMonitor.signOfLife();
        }
        return current;
    }

    /** Pulls by {@code connection} from now on. The inbox stays if the connection does. */
    void through(Connection connection) {
        if (inbox == null || inbox.connection() != connection) {
            reopen(connection);
        }
        reset();
    }

    /**
     * With a new inbox: nothing that is still under way to the old one arrives any more. Without one, and so without
     * pulls, if the connection has closed meanwhile; its successor is on its way then.
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

    /** Keeps to what the consumer allows, and to what the server accepts as a heartbeat: half of the expiry at most. */
    void obey(ConsumerFacts facts) {
        budget.obey(facts);
        Duration expires = shorter(options.expires(), facts.maxExpires());
        Duration heartbeat = shorter(options.heartbeat(), expires.dividedBy(2));
        terms = ",\"expires\":" + expires.toNanos() + ",\"idle_heartbeat\":" + heartbeat.toNanos();
        silence = Ticker.ticks(heartbeat.multipliedBy(2).plus(GRACE));
    }

    /**
     * Sends the one pull of a fetch. Without a heartbeat, for which newer servers leave the refusal of too many pulls
     * unsaid; what a pull that is lost costs is bounded by its expiry, after which the alarm rings.
     *
     * <p>The status that ends a pull without waiting does not say what it left, and from a replicated consumer it may come
     * before the messages: there such a pull waits for {@link #NO_WAIT}.
     *
     * @throws IllegalStateException if the connection takes nothing now
     */
    void once(ConsumerFacts facts, FetchRequest request, boolean replicated) {
        budget.obey(facts);
        Duration longest = request.waits() || !replicated ? request.expires() : shorter(request.expires(), NO_WAIT);
        Duration expires = shorter(longest, facts.maxExpires());
        boolean waits = request.waits() || replicated;
        terms = waits ? ",\"expires\":" + expires.toNanos() : ",\"no_wait\":true";
        send(request.batch(), 0, 0);
        heartbeatMonitor.after(Ticker.ticks(waits ? expires.plus(GRACE) : expires));
    }

    /**
     * Sends the pulls that are due, and watches them.
     *
     * @throws IllegalStateException if the connection takes nothing now
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
        } else if (signal.tellsRest()) {
            budget.ended(signal.pull(), signal.pendingMessages(), signal.pendingBytes());
        } else {
            budget.ended(signal.pull());
        }
    }

    /** Messages that the open pulls may still bring. */
    long outstanding() {
        return budget.outstanding();
    }

    boolean any() {
        return budget.openPulls() > 0;
    }

    /** Gives up all pulls; what they still bring is taken nevertheless. */
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

    /** Brings the count of outstanding messages up to date; after each burst. */
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

    /** Whether messages have come, or were asked for, so lately that some are probably under way. */
    boolean busy() {
        return receivedSinceReport || lately(lastReceived) || lately(lastSent);
    }

    private static boolean lately(long then) {
        return System.nanoTime() - then < Ticker.TICK.toNanos();
    }

    private static long longAgo() {
        return System.nanoTime() - Ticker.TICK.toNanos();
    }

    /** Wants nothing any more, but takes what is under way. */
    void closeBehindWhatIsUnderWay() {
        PullInbox open = inbox;
        if (open != null) {
            open.closeBehindWhatIsUnderWay();
        }
    }

    /**
     * Leaves the open pulls for a last one, which ends soon.
     *
     * @throws IllegalStateException if the connection takes nothing now
     */
    void last(Connection connection) {
        forget();
        reopen(connection);
        terms = LAST_TERMS;
        send(1, 0, 0);
    }

    /** Ends all pulls, and what is still under way is not taken any more. */
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
