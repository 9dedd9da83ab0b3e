package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The open pulls of one subscription. They are sent as the budget allows, supervised by a {@link HeartbeatMonitor} that
 * any sign of life restarts, and abandoned all together.
 *
 * <p>Confined to the drain loop, except {@link #heartbeatMonitor} and {@link #heartbeat}.
 */
final class OpenPulls {
    private static final int OVERLAP = 2;
    private static final int SINGLE_PULL = 1;
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
    private @Nullable Connection connection;
    private @Nullable PullInbox inbox;
    private String terms = "";
    private int silence = 1;
    private long reported;
    private boolean receivedSinceReport;
    private boolean quiet;
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

    /** Creates an instance that supports {@link #sendSinglePull} only. */
    static OpenPulls ofFetch(ConsumerRef ref, FetchRequest request, PullContext context, PullInbox.Receiver receiver) {
        PullOptions options = new PullOptions(
                request.batch(),
                request.maxBytes(),
                request.expires(),
                request.expires().dividedBy(2),
                Duration.ZERO);
        return new OpenPulls(ref, options, SINGLE_PULL, context, receiver);
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

    /** Pulls through {@code usable} from now on. Keeps the inbox if the connection is the same. */
    void useConnection(Connection usable) {
        if (connection != usable) {
            connection = usable;
            reopen();
        }
        reset();
    }

    /** Closes the inbox. Messages in flight to it are discarded. The next pull opens another. */
    void reopen() {
        PullInbox last = inbox;
        inbox = null;
        if (last != null) {
            last.close();
        }
    }

    /** As {@link #reopen}, if the inbox has received nothing: the server may have refused its subscription. */
    void reopenIfNothingReceived() {
        if (inbox != null && !inbox.hasReceived()) {
            reopen();
        }
    }

    /** @throws IllegalStateException if the connection is closed or its buffer is full */
    private PullInbox opened() {
        PullInbox open = inbox;
        if (open == null) {
            Connection usable = Objects.requireNonNull(connection);
            open = new PullInbox(usable, context.dispatchers().next(usable), receiver);
            inbox = open;
        }
        return open;
    }

    /** Applies the consumer's limits, and the server's limit of the heartbeat: at most half of the expiry. */
    void setLimits(ConsumerInfo.PullLimits limits) {
        budget.setLimits(limits);
        Duration expires = shorter(options.expires(), limits.maxExpires());
        Duration heartbeat = shorter(options.heartbeat(), expires.dividedBy(2));
        terms = ",\"expires\":" + expires.toNanos() + ",\"idle_heartbeat\":" + heartbeat.toNanos();
        silence = PullContext.ticks(heartbeat.multipliedBy(2).plus(GRACE));
    }

    /**
     * Sends the single pull of a fetch. It has no heartbeat: newer servers do not report that too many pulls are open
     * to a pull that has one. A lost pull is noticed after its expiry, when the monitor fires.
     *
     * <p>The server sends no status for a {@code no_wait} pull while the consumer waits for acks, and such a pull then
     * takes later messages. So it expires after {@link #NO_WAIT}, unless the server is to answer at once that nothing
     * is there. The status that ends it does not report its remainder, and a replicated consumer may send the status
     * before the messages. So a pull from such a consumer only expires.
     *
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void sendSinglePull(ConsumerInfo consumer, FetchRequest request) {
        budget.setLimits(consumer.limits());
        boolean waits = request.waits() || consumer.needsQuorum();
        boolean expiring = waits || !consumer.caughtUp();
        Duration longest = expiring && !request.waits() ? shorter(request.expires(), NO_WAIT) : request.expires();
        Duration expires = shorter(longest, consumer.limits().maxExpires());
        terms = (waits ? "" : ",\"no_wait\":true") + (expiring ? ",\"expires\":" + expires.toNanos() : "");
        send(request.batch(), 0, 0);
        heartbeatMonitor.after(PullContext.ticks(expiring ? expires.plus(GRACE) : expires) + 1);
    }

    /**
     * Sends the pulls that are due and starts the monitor.
     *
     * @param demand requested messages that were neither emitted nor are waiting
     * @param waiting number of messages that wait for demand
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void send(long demand, int waiting, long waitingBytes) {
        PullBudget.Pull next = budget.next(demand, waiting, waitingBytes);
        while (next != null) {
            opened().pull(context.api().pullSubject(ref), next, terms);
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
        quiet = false;
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

    boolean hasOpenPulls() {
        return budget.openPulls() > 0;
    }

    /** Abandons all pulls. Messages that they still deliver are accepted. */
    void reset() {
        if (hasOpenPulls()) {
            context.counters().resets.increment();
        }
        forget();
    }

    private void forget() {
        budget.reset();
        epoch = budget.epoch();
        heartbeatMonitor.off();
    }

    /** Updates the counter of outstanding messages; called after each batch. */
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

    /**
     * Sends a fence, see {@link PullDrain}, and returns its number.
     *
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    long fence() {
        long number = budget.number();
        quiet = true;
        opened().fence(context.api().pullSubject(ref), number);
        return number;
    }

    /** Returns whether no message was received since the last fence. */
    boolean quiet() {
        return quiet;
    }

    /** Ends the pulls at the server with the next answer, but still accepts the messages in flight. */
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
    void sendLastPull() {
        forget();
        reopen();
        terms = LAST_TERMS;
        send(1, 0, 0);
    }

    /** Ends all pulls. Messages in flight are discarded. */
    void close() {
        reopen();
        forget();
        report();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
