package dev.sluice.stream.pull;

import io.nats.client.Connection;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * The orderly end of the pulls of a subscription or fetch. Messages in flight are still received, and deliveries are
 * returned by a nak only after all pulls have ended, so that no redelivery goes to a pull without a subscriber.
 *
 * <p><b>Fences.</b> A fence is a pull that every server refuses at once. The leader of the consumer sends the refusal
 * after all messages that it has sent before. If messages arrive between a fence and its refusal, more may follow, so
 * there is another fence. After a quiet one the inbox is unsubscribed by the next refusal, see
 * {@link PullInbox#closeAfterInFlight}, and a last refusal shows that nothing is left on the way.
 *
 * <p>The leader of a replicated consumer sends a message only after a majority knows of its delivery, but a refusal at
 * once. So its first fence is sent after a pause, if a message may be waiting for the majority.
 *
 * <p>Servers before {@value #KEEPS_REDELIVERIES_SINCE} lose a redelivery to a pull without a subscriber: they remove it
 * from their queue, find no interest, and do not put it back. It then comes only after the ack wait, and the message
 * before it comes twice. So pulls that are abandoned by an unsubscribe are followed by a last short pull from another
 * inbox, which makes the server check all waiting pulls. When the last pull has ended, the server has dropped the
 * others. Later servers need no last pull, which may itself take a message.
 *
 * <p>Each step has a time limit, because a consumer without a leader does not answer. Confined to the drain loop.
 */
final class PullDrain {
    private static final Logger LOG = Logger.getLogger(PullDrain.class);
    private static final String KEEPS_REDELIVERIES_SINCE = "2.10.14";
    private static final int MAX_FENCES = 8;
    private static final int AGREEMENT_TICKS = 2;
    private static final int QUIET_TICKS = 4;
    private static final int IN_FLIGHT_TICKS = 2;
    private static final int ANSWER_TICKS = 2;
    /** The time after which a drain has ended at the latest. */
    static final Duration MAX_DURATION =
            PullContext.TICK.multipliedBy(AGREEMENT_TICKS + QUIET_TICKS + IN_FLIGHT_TICKS + ANSWER_TICKS);

    private enum Step {
        AGREEING,
        FENCING,
        UNSUBSCRIBING,
        UNSUBSCRIBED,
        LAST_PULL,
        ENDED
    }

    private final OpenPulls pulls;
    private final Connection connection;
    private Step step = Step.AGREEING;
    private int fences;
    private long firstFence;
    private long fence;

    /** @param replicated whether a majority of servers must agree before a message is delivered */
    PullDrain(OpenPulls pulls, Connection connection, boolean replicated) {
        this.pulls = pulls;
        this.connection = connection;
        if (replicated && pulls.busy()) {
            pulls.heartbeatMonitor().after(AGREEMENT_TICKS);
        } else {
            becomeQuiet();
        }
    }

    /** Returns whether the server has ended all pulls or no longer answers. */
    boolean ended() {
        return step == Step.ENDED || !pulls.hasOpenPulls();
    }

    /** Proceeds to the next step when the monitor fires. */
    void timedOut() {
        switch (step) {
            case AGREEING -> becomeQuiet();
            case FENCING -> unsubscribe();
            case UNSUBSCRIBING, UNSUBSCRIBED -> abandon();
            case LAST_PULL, ENDED -> step = Step.ENDED;
        }
    }

    /** Handles a status. One that is neither the answer to a fence nor the normal end of a pull ends the drain. */
    void status(PullSignal signal) {
        if (fences > 0 && signal.pull() == fence) {
            answered();
            return;
        }
        if (fences > 0 && signal.pull() >= firstFence && signal.pull() < fence) {
            return; // a fence that was given up
        }
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            default -> step = Step.ENDED;
        }
    }

    private void answered() {
        switch (step) {
            case FENCING -> {
                if (pulls.quiet() || fences >= MAX_FENCES) {
                    unsubscribe();
                } else {
                    fence(Step.FENCING);
                }
            }
            case UNSUBSCRIBING -> fence(Step.UNSUBSCRIBED);
            case UNSUBSCRIBED -> abandon();
            case AGREEING, LAST_PULL, ENDED -> {}
        }
    }

    private void becomeQuiet() {
        pulls.heartbeatMonitor().after(QUIET_TICKS);
        fence(Step.FENCING);
    }

    private void unsubscribe() {
        pulls.closeAfterInFlight();
        pulls.heartbeatMonitor().after(IN_FLIGHT_TICKS);
        fence(Step.UNSUBSCRIBING);
    }

    private void fence(Step next) {
        step = next;
        fences++;
        send(() -> {
            fence = pulls.fence();
            firstFence = fences == 1 ? fence : firstFence;
        });
    }

    /** Ends the pulls that are still open. The unsubscribe alone does so at a server that keeps redeliveries. */
    private void abandon() {
        if (connection.getServerInfo().isSameOrNewerThanVersion(KEEPS_REDELIVERIES_SINCE)) {
            step = Step.ENDED;
        } else {
            step = Step.LAST_PULL;
            pulls.heartbeatMonitor().after(ANSWER_TICKS);
            send(pulls::sendLastPull);
        }
    }

    private void send(Runnable publish) {
        try {
            publish.run();
        } catch (IllegalStateException unsendable) {
            LOG.debugf("Left without waiting for the pulls: %s", unsendable.getMessage());
            step = Step.ENDED;
        }
    }
}
