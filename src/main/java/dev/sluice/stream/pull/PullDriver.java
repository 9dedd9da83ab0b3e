package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one subscription pulling, through everything that can happen to its connection and its consumer.
 *
 * <p><b>Phases.</b> {@code AWAY} without a connection; {@code ASKING} whether the consumer exists, or for its creation;
 * {@code PULLING}; {@code RESTING} before asking again. A reconnect leads straight back to {@code PULLING}. The end of a
 * subscription is {@link Leaving}'s.
 *
 * <p><b>Silence.</b> Open pulls send idle heartbeats. Two missed ones and the pulls count as lost. Servers before 2.10
 * say nothing at all to a pull from a consumer that does not exist, so repeated silence makes it ask.
 *
 * <p>All methods run on the session's drain loop, but {@link #acks}, {@link #alarm} and {@link #heartbeat}.
 */
final class PullDriver implements ConsumerInquiry.Listener {
    private static final Logger LOG = Logger.getLogger(PullDriver.class);
    private static final int SILENCES_BEFORE_ASKING = 2;
    private static final int LONGEST_REST = Ticker.ticks(Duration.ofSeconds(2));

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
    private final Executor emission;
    private final OpenPulls pulls;
    private final ConsumerInquiry inquiry;
    private final Continuity continuity = new Continuity();

    private Phase phase = Phase.AWAY;
    private @Nullable Connection connection;
    private @Nullable ConsumerFacts facts;
    private @Nullable Leaving leaving;
    private volatile @Nullable Acks acks;
    private volatile int silences;
    private int rests;

    PullDriver(PullTarget target, PullOptions options, PullContext context, PullSession session, Executor emission) {
        this.target = target;
        this.options = options;
        this.context = context;
        this.session = session;
        this.emission = emission;
        this.pulls = new OpenPulls(target.ref(), options, context, session);
        this.inquiry = new ConsumerInquiry(context.api(), target.ref(), session::tell, this);
    }

    /** The way to settle what arrives now; null before the consumer is known. Any thread. */
    @Nullable
    Acks acks() {
        return acks;
    }

    /** Any thread. */
    Alarm alarm() {
        return pulls.alarm();
    }

    /** Any thread. */
    void heartbeat(long pull) {
        if (pulls.heartbeat(pull)) {
            silences = 0;
        }
    }

    void up(Connection usable) {
        connection = usable;
        pulls.through(usable);
        Acks known = acks;
        if (known != null) {
            known.through(usable);
        }
        rests = 0;
        if (facts == null && target.checkpoint() != null) {
            missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was not created yet"));
        } else if (facts == null) {
            inquiry.ask(asking());
        } else if (target.ordered()) {
            restart();
        } else {
            phase = Phase.PULLING;
        }
    }

    void down() {
        pulls.reset();
        inquiry.forget();
        phase = Phase.AWAY;
    }

    /** Asks for nothing any more. */
    void leave() {
        inquiry.forget();
        Acks known = acks;
        if (known != null && known.mode() != AckMode.NONE && pulls.any()) {
            leaving = new Leaving(pulls, Objects.requireNonNull(connection));
        }
    }

    /** Whether what came can be given back now; the end of the connection ended the pulls as well. */
    boolean left() {
        Leaving last = leaving;
        return last == null || last.over();
    }

    void close() {
        if (target.ordered() && phase != Phase.AWAY) {
            inquiry.discard(Objects.requireNonNull(connection));
        }
        pulls.close();
        phase = Phase.AWAY;
    }

    /** Whether {@code delivery} is to be handed on. */
    boolean received(Delivery delivery) {
        pulls.received(delivery.wireSize());
        silences = 0;
        rests = 0;
        if (target.ordered() && !continuity.follows(delivery.position())) {
            if (phase == Phase.PULLING) {
                LOG.infof("Messages of %s were lost on the way; starting again behind the last one", target.ref());
                restart();
            }
            return false;
        }
        ConsumerFacts known = facts;
        if (known != null && !options.keepInProgress().isZero() && known.ackMode() != AckMode.NONE) {
            context.progress().keep(delivery, known.ackWait(), options.keepInProgress());
        }
        return true;
    }

    /** A message came that cannot be handed on. */
    void unreadable() {
        pulls.received(0);
        if (target.checkpoint() != null) {
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
        Leaving last = leaving;
        if (last != null) {
            last.rung();
        } else if (phase == Phase.RESTING) {
            inquiry.ask(asking());
        } else if (phase == Phase.PULLING && pulls.any()) {
            context.counters().missedHeartbeats.increment();
            pulls.reset();
            int silent = silences + 1;
            silences = silent;
            if (silent >= SILENCES_BEFORE_ASKING) {
                inquiry.ask(asking());
            }
        }
    }

    void status(PullSignal signal) {
        if (!pulls.heartbeat(signal.pull())) {
            return;
        }
        Leaving last = leaving;
        if (last != null) {
            last.status(signal);
            return;
        }
        switch (signal.status()) {
            case HEARTBEAT -> silences = 0;
            case ENDED, OVERSIZE -> pulls.ended(signal);
            case LOST -> pulls.reset();
            case LIMITED -> inquiry.ask(asking());
            case BUSY, NO_RESPONDERS -> rest();
            case DELETED -> missing(Failure.NO_CONSUMER.because("The consumer " + target.ref() + " was deleted"));
            case UNKNOWN -> {
                LOG.warnf("Unknown answer to a pull from %s: %s", target.ref(), signal.description());
                rest();
            }
            case PUSH, BAD_REQUEST, UNSUPPORTED -> refused(signal.failure(target.ref()));
        }
    }

    /** Gives the pulls up, asks again in a while, later each time. */
    private void rest() {
        pulls.reset();
        inquiry.forget();
        phase = Phase.RESTING;
        alarm().after(Math.min(1 << Math.min(rests, 8), LONGEST_REST));
        rests++;
    }

    private Connection asking() {
        pulls.reset();
        phase = Phase.ASKING;
        return Objects.requireNonNull(connection, "asked without a connection");
    }

    @Override
    public void known(ConsumerAnswer.Known answer, boolean created) {
        if (target.ordered() && !created) {
            restart();
            return;
        }
        ConsumerFacts known = answer.facts();
        if (created || acks == null) {
            acks = new Acks(known.ackMode(), context.counters(), emission, Objects.requireNonNull(connection));
        }
        facts = known;
        pulls.obey(known);
        Checkpoint checkpoint = target.checkpoint();
        if (checkpoint == null) {
            phase = Phase.PULLING;
        } else {
            checkpoint
                    .pass(answer.origin())
                    .subscribe()
                    .with(
                            passed -> session.tell(() -> phase = Phase.PULLING),
                            failure -> session.tell(() -> session.fail(failure)));
        }
    }

    @Override
    public void missing(SluiceException why) {
        ConsumerDefinition definition = target.definition();
        boolean interrupted = target.checkpoint() != null && facts != null;
        if (definition == null || interrupted) {
            refused(why);
            return;
        }
        facts = null;
        context.counters().recreations.increment();
        Connection usable = asking();
        if (target.ordered()) {
            pulls.reopen(usable);
            inquiry.create(usable, definition.startingAt(continuity.resume(definition.start())));
            continuity.restart();
        } else {
            inquiry.create(usable, definition);
        }
    }

    @Override
    public void refused(SluiceException why) {
        pulls.reset();
        session.fail(why);
    }

    @Override
    public void unanswered(String why) {
        LOG.debugf("No answer about %s: %s", target.ref(), why);
        rest();
    }

    /**
     * Has an ordered consumer deleted, and so created anew behind the last message that came. One that was not just
     * created may have sent its last messages into a broken connection, and no later one would show the gap.
     */
    private void restart() {
        if (target.checkpoint() != null) {
            session.fail(Failure.UNAVAILABLE.because("The pulls from " + target.ref() + " were interrupted"));
            return;
        }
        facts = null;
        inquiry.delete(asking());
    }
}
