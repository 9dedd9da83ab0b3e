package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerInfo;
import io.nats.client.Connection;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The state machine that keeps one subscription pulling across failures of its connection and its consumer.
 *
 * <p><b>Phases.</b> {@code AWAY}: no connection. {@code ASKING}: requests the consumer's info or its creation.
 * {@code PULLING}. {@code BACKING_OFF}: waits before it asks again. A reconnect leads directly back to {@code PULLING}.
 * {@link PullDrain} handles the end of a subscription.
 *
 * <p><b>Silence.</b> The server sends idle heartbeats for open pulls. After two missed heartbeats the pulls count as
 * lost; {@link RetryPolicy} decides when to ask about the consumer.
 *
 * <p>Confined to the session's drain loop, except {@link #acks}, {@link #heartbeatMonitor} and {@link #heartbeat}.
 */
final class PullDriver {
    private static final Logger LOG = Logger.getLogger(PullDriver.class);

    private enum Phase {
        AWAY,
        ASKING,
        PULLING,
        BACKING_OFF
    }

    private final PullTarget target;
    private final PullOptions options;
    private final PullContext context;
    private final PullSession session;
    private final OpenPulls pulls;
    private final PulledConsumer consumer;
    private final RetryPolicy retryPolicy = new RetryPolicy();

    private Phase phase = Phase.AWAY;
    private @Nullable Connection connection;

    /**
     * @param emission executor that signals confirmations of acks
     * @param turns the drain loop, which accepts tasks even after the end of the subscription
     */
    PullDriver(
            PullTarget target,
            PullOptions options,
            PullContext context,
            PullSession session,
            Executor emission,
            Executor turns) {
        this.target = target;
        this.options = options;
        this.context = context;
        this.session = session;
        this.pulls = new OpenPulls(target.ref(), options, context, session);
        this.consumer = new PulledConsumer(target, context, session, this, emission, turns);
    }

    /** Returns the acks for newly received messages; null before the consumer is known. Any thread. */
    @Nullable
    ConsumerAcks acks() {
        return consumer.acks();
    }

    /** Returns the monitor of the open pulls. Any thread. */
    HeartbeatMonitor heartbeatMonitor() {
        return pulls.heartbeatMonitor();
    }

    /** Handles a sign of life. Returns whether {@code pull} is of the current epoch. Any thread. */
    boolean heartbeat(long pull) {
        boolean alive = pulls.heartbeat(pull);
        if (alive) {
            retryPolicy.heard();
        }
        return alive;
    }

    void up(Connection usable) {
        connection = usable;
        pulls.through(usable);
        retryPolicy.restore();
        consumer.through(usable);
    }

    /** Handles a permission violation: the server does not permit Sluice's own user to publish to {@code subject}. */
    void denied(String subject) {
        if (subject.equals(context.api().pullSubject(target.ref()))) {
            consumer.refused(DeniedSubjects.refusal(subject));
        }
    }

    void down() {
        pulls.reset();
        consumer.forget();
        phase = Phase.AWAY;
    }

    /** Stops pulling. Returns the drain of the open pulls; null if none is needed. */
    @Nullable
    PullDrain leave() {
        consumer.forget();
        ConsumerAcks known = acks();
        boolean owing = known != null && known.mode() != AckMode.NONE && pulls.any();
        ConsumerInfo info = consumer.info();
        boolean replicated = info != null && info.needsQuorum();
        return owing ? new PullDrain(pulls, Objects.requireNonNull(connection), replicated) : null;
    }

    /** Ends the pulls. Then no open pull is left that could receive a redelivery, and deliveries are returned. */
    void close() {
        if (phase != Phase.AWAY) {
            consumer.discard();
        }
        pulls.close();
        phase = Phase.AWAY;
        ConsumerAcks known = acks();
        if (known != null) {
            known.left();
        }
    }

    /** Counts {@code delivery} and returns whether to deliver it downstream. */
    boolean received(Delivery delivery) {
        pulls.received(delivery.wireSize());
        retryPolicy.restore();
        if (!consumer.follows(delivery)) {
            if (phase == Phase.PULLING) {
                LOG.infof("Messages of %s were lost on the way; starting again after the last one", target.ref());
                consumer.restart();
            }
            return false;
        }
        ConsumerInfo known = consumer.info();
        if (known != null && !options.keepInProgress().isZero() && known.ackMode() != AckMode.NONE) {
            context.progress().keep(delivery, known.ackWait(), options.keepInProgress());
        }
        return true;
    }

    /** Counts an unreadable message. It fails a subscription that must not skip a message. */
    void unreadable() {
        pulls.received(0);
        if (consumer.gapless()) {
            session.fail(Failure.UNAVAILABLE.because("A message of " + target.ref() + " cannot be read"));
        }
    }

    /** Sends the pulls that are due. */
    void pull(long demand, int waiting, long waitingBytes) {
        if (phase == Phase.PULLING) {
            try {
                pulls.send(demand, waiting, waitingBytes);
            } catch (IllegalStateException unsendable) {
                LOG.debugf("Pull from %s not sent: %s", target.ref(), unsendable.getMessage());
                backOff();
            }
        }
        pulls.report();
    }

    /** Handles a timeout of the monitor. */
    void timedOut() {
        if (phase == Phase.BACKING_OFF) {
            consumer.ask();
        } else if (phase == Phase.PULLING && pulls.any()) {
            context.counters().missedHeartbeats.increment();
            pulls.reset();
            if (consumer.gapless()) {
                consumer.restart();
            } else if (retryPolicy.silence()) {
                pulls.reopenUnheard();
                consumer.ask();
            }
        }
    }

    /** Handles the status of a pull of the current epoch. */
    void status(PullSignal signal) {
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            case LOST -> pulls.reset();
            case LIMITED -> consumer.ask();
            case BUSY, NO_RESPONDERS -> backOff();
            case DELETED ->
                consumer.missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was deleted"));
            case UNKNOWN -> {
                LOG.warnf("Unknown answer to a pull from %s: %s", target.ref(), signal.description());
                backOff();
            }
            case PUSH, BAD_REQUEST, UNSUPPORTED -> consumer.refused(signal.failure(target.ref()));
        }
    }

    /** Starts pulling; the consumer exists. */
    void pulling() {
        phase = Phase.PULLING;
    }

    /** Abandons the pulls while the state of the consumer is unknown. */
    void suspend() {
        pulls.reset();
        phase = Phase.ASKING;
    }

    void obey(ConsumerInfo.PullLimits limits) {
        pulls.obey(limits);
    }

    /** Replaces the inbox, so that messages in flight from the previous consumer are discarded. */
    void reopen() {
        pulls.reopen();
    }

    /**
     * Abandons the pulls and asks again after a pause that grows with each retry. A subscription that must not skip a
     * message fails instead: its consumer may be on a server that never returns, and a new consumer is placed
     * elsewhere.
     */
    void backOff() {
        if (consumer.gapless()) {
            consumer.restart();
            return;
        }
        pulls.reset();
        consumer.forget();
        phase = Phase.BACKING_OFF;
        heartbeatMonitor().after(retryPolicy.backOff());
    }
}
