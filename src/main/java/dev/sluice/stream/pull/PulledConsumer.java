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
 * The consumer that one subscription pulls from: looked up, created where its target says so, and what is known of it.
 *
 * <p>An ordered one is created anew behind the last message that came, whenever one may be missing. With a checkpoint it
 * is created once, and whatever interrupts it after that fails the subscription.
 *
 * <p>Drain loop only, but {@link #acks}.
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
     * @param emission where confirmations of acks are told
     * @param turns the drain loop, which takes tasks even after the end
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

    /** The way to settle what arrives now; null before the consumer is known. Any thread. */
    @Nullable
    ConsumerAcks acks() {
        return acks;
    }

    @Nullable
    ConsumerInfo info() {
        return info;
    }

    /** Has it pulled from through {@code usable}, as soon as it is certain that this is possible. */
    void through(Connection usable) {
        connection = usable;
        ConsumerAcks known = acks;
        if (known != null) {
            known.through(usable);
        }
        if (info == null && target.checkpoint() != null) {
            missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was not created yet"));
        } else if (info == null) {
            ask();
        } else if (target.ordered()) {
            restart();
        } else {
            driver.pulling();
        }
    }

    /** No answer is waited for any more. */
    void forget() {
        inquiry.forget();
    }

    /** Nobody needs it any more; one that others share stays. */
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
     * Whether {@code delivery} is the next one, which matters to an ordered consumer alone. If not, messages were lost on
     * the way.
     */
    boolean follows(Delivery delivery) {
        return !target.ordered() || sequenceCheck.follows(delivery.position());
    }

    /** Whether no message may be passed over. */
    boolean complete() {
        return target.checkpoint() != null;
    }

    /**
     * Has an ordered consumer deleted, and so created anew behind the last message that came. One that was not just
     * created may have sent its last messages into a broken connection, and no later one would show the gap.
     */
    void restart() {
        if (complete()) {
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
        if (created || acks == null) {
            acks = new ConsumerAcks(context.link(), known.ackMode(), context.counters(), emission, turns, usable());
        }
        info = known;
        driver.obey(known.limits());
        CreationHook checkpoint = target.checkpoint();
        if (checkpoint == null) {
            driver.pulling();
        } else {
            checkpoint
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
        boolean interrupted = complete() && info != null;
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
        driver.rest();
    }

    private Connection usable() {
        return Objects.requireNonNull(connection, "asked without a connection");
    }
}
