package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import io.nats.client.Connection;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of one subscription. Looks it up, creates it if its target has a definition, and holds its info.
 *
 * <p>An ordered consumer is recreated after the last received message whenever a message may be missing. With a
 * hook it is created once, and any later interruption fails the subscription.
 *
 * <p>Confined to the drain loop, except {@link #acks}.
 */
final class PulledConsumer implements ConsumerInquiry.Listener {
    private static final Logger LOG = Logger.getLogger(PulledConsumer.class);

    private final PullTarget target;
    private final PullContext context;
    private final PullSession session;
    private final PullDriver driver;
    private final Executor emission;
    private final Executor turns;
    private final ConsumerInquiry inquiry;
    private final SequenceCheck sequenceCheck = new SequenceCheck();

    private @Nullable Connection connection;
    private @Nullable ConsumerInfo info;
    private volatile @Nullable ConsumerAcks acks;

    /**
     * @param emission executor that signals confirmations of acks
     * @param turns the drain loop, which accepts tasks even after the end of the subscription
     */
    PulledConsumer(
            PullTarget target,
            PullContext context,
            PullSession session,
            PullDriver driver,
            Executor emission,
            Executor turns) {
        this.target = target;
        this.context = context;
        this.session = session;
        this.driver = driver;
        this.emission = emission;
        this.turns = turns;
        this.inquiry = new ConsumerInquiry(context.api(), target.ref(), session::tell, this);
    }

    /** Returns the acks for newly received messages; null before the consumer is known. Any thread. */
    @Nullable
    ConsumerAcks acks() {
        return acks;
    }

    @Nullable
    ConsumerInfo info() {
        return info;
    }

    /** Uses {@code usable} from now on. Starts pulling as soon as the consumer is known to exist. */
    void through(Connection usable) {
        connection = usable;
        ConsumerAcks known = acks;
        if (known != null) {
            known.through(usable);
        }
        if (info == null && target.creationHook() != null) {
            missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was not created yet"));
        } else if (info == null) {
            ask();
        } else if (target.ordered()) {
            restart();
        } else {
            driver.pulling();
        }
    }

    /** Ignores the answer to a pending request. */
    void forget() {
        inquiry.forget();
    }

    /** Deletes an ordered consumer at the end of its subscription. Other consumers may be shared and are kept. */
    void discard() {
        if (target.ordered()) {
            inquiry.discard(usable());
        }
    }

    void ask() {
        driver.suspend();
        inquiry.ask(usable());
    }

    /**
     * Returns whether {@code delivery} is the next message of an ordered consumer. If not, messages were lost in
     * transit. Always true for other consumers.
     */
    boolean follows(Delivery delivery) {
        return !target.ordered() || sequenceCheck.follows(delivery.position());
    }

    /** Returns whether the subscription must not skip a message. */
    boolean gapless() {
        return target.creationHook() != null;
    }

    /**
     * Deletes an ordered consumer, so that it is recreated after the last received message. A consumer that was not
     * just created may have sent its last messages into a broken connection, and no later message would reveal the gap.
     * With a hook, fails the subscription instead.
     */
    void restart() {
        if (gapless()) {
            session.fail(Failure.UNAVAILABLE.because("The pulls from " + target.ref() + " were interrupted"));
            return;
        }
        info = null;
        driver.suspend();
        inquiry.delete(usable());
    }

    @Override
    public void known(ConsumerInfo known, boolean created) {
        if (target.ordered() && !created) {
            restart();
            return;
        }
        ConsumerAcks last = acks;
        if (created || last == null) {
            if (last != null) {
                last.left();
            }
            acks = new ConsumerAcks(context.link(), known.ackMode(), context.counters(), emission, turns, usable());
        }
        info = known;
        driver.obey(known.limits());
        CreationHook creationHook = target.creationHook();
        if (creationHook == null) {
            driver.pulling();
        } else {
            creationHook
                    .pass(known)
                    .subscribe()
                    .with(
                            passed -> session.tell(driver::pulling),
                            failure -> session.tell(() -> session.fail(failure)));
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
        context.counters().recreations.increment();
        driver.suspend();
        if (target.ordered()) {
            driver.reopen();
            inquiry.create(usable(), definition.startingAt(sequenceCheck.resume(definition.start())));
            sequenceCheck.restart();
        } else {
            inquiry.create(usable(), definition);
        }
    }

    @Override
    public void refused(SluiceException why) {
        driver.suspend();
        session.fail(why);
    }

    @Override
    public void unanswered(SluiceException why) {
        LOG.debugf("No answer about %s: %s", target.ref(), why.getMessage());
        driver.backOff();
    }

    private Connection usable() {
        return Objects.requireNonNull(connection, "asked without a connection");
    }
}
