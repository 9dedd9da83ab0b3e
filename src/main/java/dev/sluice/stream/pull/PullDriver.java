package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import io.nats.client.Connection;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The state machine that keeps one subscription pulling across failures of its connection and its consumer. Looks up
 * the consumer, creates it if its target has a definition, and holds its info.
 *
 * <p><b>Phases.</b> {@code AWAY}: no connection. {@code ASKING}: requests the consumer's info or its creation.
 * {@code PULLING}. {@code BACKING_OFF}: waits before it asks again. A reconnect leads directly back to {@code PULLING}.
 * {@link PullDrain} handles the end of a subscription.
 *
 * <p><b>Order.</b> An ordered consumer is recreated after the last received message whenever a message may be missing.
 * With a hook it is created once, and any later interruption fails the subscription.
 *
 * <p><b>Silence.</b> The server sends idle heartbeats for open pulls. After two missed heartbeats the pulls count as
 * lost; {@link RetryPolicy} decides when to ask about the consumer.
 *
 * <p>Confined to the session's drain loop, except {@link #acks}, {@link #heartbeatMonitor} and {@link #heartbeat}.
 */
final class PullDriver implements ConsumerInquiry.Listener {
    private static final Logger LOG = Logger.getLogger(PullDriver.class);

    /** The subscription that is kept pulling. Receives the replies to the pulls. */
    interface Subscription extends PullInbox.Receiver {
        /** Runs {@code change} on the drain loop, unless the subscription has ended by then. Any thread. */
        void tell(Runnable change);

        /** Ends the subscription with {@code failure}. Drain loop only. */
        void fail(Throwable failure);
    }

    private enum Phase {
        AWAY,
        ASKING,
        PULLING,
        BACKING_OFF
    }

    private final PullTarget target;
    private final PullOptions options;
    private final PullContext context;
    private final Subscription subscription;
    private final Executor emission;
    private final Executor serial;
    private final OpenPulls pulls;
    private final ConsumerInquiry inquiry;
    private final SequenceCheck sequenceCheck = new SequenceCheck();
    private final RetryPolicy retryPolicy = new RetryPolicy();

    private Phase phase = Phase.AWAY;
    private @Nullable Connection connection;
    private @Nullable ConsumerInfo info;
    private volatile @Nullable ConsumerAcks acks;

    /**
     * @param emission executor that signals confirmations of acks
     * @param serial the drain loop, which accepts tasks even after the end of the subscription
     */
    PullDriver(
            PullTarget target,
            PullOptions options,
            PullContext context,
            Subscription subscription,
            Executor emission,
            Executor serial) {
        this.target = target;
        this.options = options;
        this.context = context;
        this.subscription = subscription;
        this.emission = emission;
        this.serial = serial;
        this.pulls = new OpenPulls(target.ref(), options, context, subscription);
        this.inquiry = new ConsumerInquiry(context.api(), target.ref(), subscription::tell, this);
    }

    /** Returns the acks for newly received messages; null before the consumer is known. Any thread. */
    @Nullable
    ConsumerAcks acks() {
        return acks;
    }

    /** Returns the monitor of the open pulls. Any thread. */
    HeartbeatMonitor heartbeatMonitor() {
        return pulls.heartbeatMonitor();
    }

    /** Handles a sign of life. Returns whether {@code pull} is of the current epoch. Any thread. */
    boolean heartbeat(long pull) {
        boolean alive = pulls.heartbeat(pull);
        if (alive) {
            retryPolicy.signOfLife();
        }
        return alive;
    }

    /** Uses {@code usable} from now on. Starts pulling as soon as the consumer is known to exist. */
    void up(Connection usable) {
        connection = usable;
        pulls.useConnection(usable);
        retryPolicy.restore();
        ConsumerAcks known = acks;
        if (known != null) {
            known.useConnection(usable);
        }
        if (info == null && gapless()) {
            missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was not created yet"));
        } else if (info == null) {
            ask();
        } else if (target.ordered()) {
            restart();
        } else {
            phase = Phase.PULLING;
        }
    }

    /** Handles a permission violation: the server does not permit Sluice's own user to publish to {@code subject}. */
    void denied(String subject) {
        if (subject.equals(context.api().pullSubject(target.ref()))) {
            refused(DeniedSubjects.refusal(subject));
        }
    }

    void down() {
        pulls.reset();
        inquiry.forget();
        phase = Phase.AWAY;
    }

    /** Stops pulling. Returns the drain of the open pulls; null if none is needed. */
    @Nullable
    PullDrain leave() {
        inquiry.forget();
        ConsumerAcks known = acks;
        ConsumerInfo consumer = info;
        boolean unsettled = known != null && known.mode() != AckMode.NONE && pulls.hasOpenPulls();
        boolean replicated = consumer != null && consumer.needsQuorum();
        return unsettled ? new PullDrain(pulls, usable(), replicated) : null;
    }

    /**
     * Ends the pulls. Then no open pull is left that could receive a redelivery, and deliveries are returned. Deletes an
     * ordered consumer; others may be shared and are kept.
     */
    void close() {
        if (phase != Phase.AWAY && target.ordered()) {
            inquiry.discard(usable());
        }
        pulls.close();
        phase = Phase.AWAY;
        ConsumerAcks known = acks;
        if (known != null) {
            known.left();
        }
    }

    /** Counts {@code delivery} and returns whether to deliver it downstream. */
    boolean received(Delivery delivery) {
        pulls.received(delivery.wireSize());
        retryPolicy.restore();
        if (target.ordered() && !sequenceCheck.follows(delivery.position())) {
            if (phase == Phase.PULLING) {
                LOG.infof(
                        "Messages of %s were lost in transit; the consumer is created again after the last one",
                        target.ref());
                restart();
            }
            return false;
        }
        ConsumerInfo known = info;
        if (known != null && !options.keepInProgress().isZero() && known.ackMode() != AckMode.NONE) {
            context.progress().keep(delivery, known.ackWait(), options.keepInProgress());
        }
        return true;
    }

    /** Counts an unreadable message. It fails a subscription that must not skip a message. */
    void unreadable() {
        pulls.received(0);
        if (gapless()) {
            subscription.fail(Failure.UNAVAILABLE.because("A message of " + target.ref() + " cannot be read"));
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
            ask();
        } else if (phase == Phase.PULLING && pulls.hasOpenPulls()) {
            context.counters().missedHeartbeats.increment();
            pulls.reset();
            if (gapless()) {
                restart();
            } else if (retryPolicy.silence()) {
                pulls.reopenIfNothingReceived();
                ask();
            }
        }
    }

    /** Handles the status of a pull of the current epoch. */
    void status(PullSignal signal) {
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            case LOST -> pulls.reset();
            case LIMITED -> ask();
            case BUSY, NO_RESPONDERS -> backOff();
            case DELETED -> deleted();
            case UNKNOWN -> {
                LOG.warnf("Unknown answer to a pull from %s: %s", target.ref(), signal.description());
                backOff();
            }
            case PUSH, BAD_REQUEST, UNSUPPORTED -> refused(signal.failure(target.ref()));
        }
    }

    /** Creates the consumer again, or asks whether it is only elsewhere now. */
    private void deleted() {
        if (target.definition() == null) {
            ask();
        } else {
            missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was deleted"));
        }
    }

    @Override
    public void known(ConsumerInfo known, boolean created) {
        if (created) {
            context.counters().consumersCreated.increment();
        }
        if (target.ordered() && !created) {
            restart();
            return;
        }
        ConsumerAcks last = acks;
        if (created || last == null) {
            if (last != null) {
                last.left();
            }
            acks = new ConsumerAcks(context.link(), known.ackMode(), context.counters(), emission, serial, usable());
        }
        info = known;
        pulls.setLimits(known.limits());
        CreationHook creationHook = target.creationHook();
        if (creationHook == null) {
            phase = Phase.PULLING;
        } else {
            creationHook
                    .pass(known)
                    .subscribe()
                    .with(
                            passed -> subscription.tell(() -> phase = Phase.PULLING),
                            failure -> subscription.tell(() -> subscription.fail(failure)));
        }
    }

    @Override
    public void missing(SluiceException why) {
        ConsumerDefinition definition = target.definition();
        boolean interrupted = gapless() && info != null;
        if (definition == null || interrupted) {
            refused(why);
            return;
        }
        info = null;
        suspend();
        if (target.ordered()) {
            pulls.reopen(); // messages in flight from the previous consumer are discarded
            inquiry.create(usable(), definition.startingAt(sequenceCheck.resume(definition.start())));
            sequenceCheck.restart();
        } else {
            inquiry.create(usable(), definition);
        }
    }

    @Override
    public void refused(SluiceException why) {
        suspend();
        subscription.fail(why);
    }

    @Override
    public void unanswered(SluiceException why) {
        LOG.debugf("No answer about %s: %s", target.ref(), why.getMessage());
        backOff();
    }

    private void ask() {
        suspend();
        inquiry.ask(usable());
    }

    /** Abandons the pulls while the state of the consumer is unknown. */
    private void suspend() {
        pulls.reset();
        phase = Phase.ASKING;
    }

    /**
     * Deletes an ordered consumer, so that it is recreated after the last received message. A consumer that was not
     * just created may have sent its last messages into a broken connection, and no later message would reveal the gap.
     * With a hook, fails the subscription instead.
     */
    private void restart() {
        if (gapless()) {
            subscription.fail(Failure.UNAVAILABLE.because("The pulls from " + target.ref() + " were interrupted"));
            return;
        }
        info = null;
        suspend();
        inquiry.delete(usable());
    }

    /**
     * Abandons the pulls and asks again after a pause that grows with each retry. A subscription that must not skip a
     * message fails instead: its consumer may be on a server that never returns, and a new consumer is placed
     * elsewhere.
     */
    private void backOff() {
        if (gapless()) {
            restart();
            return;
        }
        pulls.reset();
        inquiry.forget();
        phase = Phase.BACKING_OFF;
        heartbeatMonitor().after(retryPolicy.backOff());
    }

    /** Returns whether the subscription must not skip a message. */
    private boolean gapless() {
        return target.creationHook() != null;
    }

    private Connection usable() {
        return Objects.requireNonNull(connection, "asked without a connection");
    }
}
