package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.DeniedSubjects;
import io.nats.client.Connection;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one subscription pulling, through everything that can happen to its connection and its consumer.
 *
 * <p><b>Phases.</b> {@code AWAY} without a connection; {@code ASKING} about the consumer, or for its creation;
 * {@code PULLING}; {@code RESTING} before asking again. A reconnect leads straight back to {@code PULLING}. The end of a
 * subscription is {@link PullDrain}'s.
 *
 * <p><b>Silence.</b> Open pulls send idle heartbeats. Two missed ones and the pulls count as lost; {@link RetryPolicy} says
 * when to ask.
 *
 * <p>All methods run on the session's drain loop, but {@link #acks}, {@link #alarm} and {@link #heartbeat}.
 */
final class PullDriver {
    private static final Logger LOG = Logger.getLogger(PullDriver.class);

    private enum Phase {
        AWAY,
        ASKING,
        PULLING,
        RESTING
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
     * @param emission where confirmations of acks are told
     * @param turns the drain loop, which takes tasks even after the end
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

    /** The way to settle what arrives now; null before the consumer is known. Any thread. */
    @Nullable
    ConsumerAcks acks() {
        return consumer.acks();
    }

    /** Any thread. */
    HeartbeatMonitor heartbeatMonitor() {
        return pulls.heartbeatMonitor();
    }

    /** Whether a pull of this epoch is alive. Any thread. */
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

    /** The server does not let our own user publish to {@code subject}. */
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

    /** Asks for nothing any more; returns how to let go of the pulls that are open, null if none needs it. */
    @Nullable
    PullDrain leave() {
        consumer.forget();
        ConsumerAcks known = acks();
        boolean owing = known != null && known.mode() != AckMode.NONE && pulls.any();
        return owing ? new PullDrain(pulls, Objects.requireNonNull(connection)) : null;
    }

    void close() {
        if (phase != Phase.AWAY) {
            consumer.discard();
        }
        pulls.close();
        phase = Phase.AWAY;
    }

    /** Whether {@code delivery} is to be handed on. */
    boolean received(Delivery delivery) {
        pulls.received(delivery.wireSize());
        retryPolicy.restore();
        if (!consumer.follows(delivery)) {
            if (phase == Phase.PULLING) {
                LOG.infof("Messages of %s were lost on the way; starting again behind the last one", target.ref());
                consumer.restart();
            }
            return false;
        }
        ConsumerFacts known = consumer.facts();
        if (known != null && !options.keepInProgress().isZero() && known.ackMode() != AckMode.NONE) {
            context.progress().keep(delivery, known.ackWait(), options.keepInProgress());
        }
        return true;
    }

    /** A message came that cannot be handed on. */
    void unreadable() {
        pulls.received(0);
        if (consumer.complete()) {
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
                rest();
            }
        }
        pulls.report();
    }

    /** The alarm went off. */
    void rung() {
        if (phase == Phase.RESTING) {
            consumer.ask();
        } else if (phase == Phase.PULLING && pulls.any()) {
            context.counters().missedHeartbeats.increment();
            pulls.reset();
            if (consumer.complete()) {
                consumer.restart();
            } else if (retryPolicy.silence()) {
                consumer.ask();
            }
        }
    }

    /** Of a pull of this epoch. */
    void status(PullSignal signal) {
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            case LOST -> pulls.reset();
            case LIMITED -> consumer.ask();
            case BUSY, NO_RESPONDERS -> rest();
            case DELETED ->
                consumer.missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was deleted"));
            case UNKNOWN -> {
                LOG.warnf("Unknown answer to a pull from %s: %s", target.ref(), signal.description());
                rest();
            }
            case PUSH, BAD_REQUEST, UNSUPPORTED -> consumer.refused(signal.failure(target.ref()));
        }
    }

    /** The consumer is there. */
    void pulling() {
        phase = Phase.PULLING;
    }

    /** Gives the pulls up while the consumer is in question. */
    void suspend() {
        pulls.reset();
        phase = Phase.ASKING;
    }

    void obey(ConsumerFacts facts) {
        pulls.obey(facts);
    }

    /** What is still under way from the consumer's last life does not arrive any more. */
    void reopen() {
        pulls.reopen(Objects.requireNonNull(connection));
    }

    /**
     * Gives the pulls up, asks again in a while, later each time. Where no message may be passed over the subscription
     * ends instead: its consumer may be on a server that never comes back, and a new one is placed elsewhere.
     */
    void rest() {
        if (consumer.complete()) {
            consumer.restart();
            return;
        }
        pulls.reset();
        consumer.forget();
        phase = Phase.RESTING;
        heartbeatMonitor().after(retryPolicy.rest());
    }
}
