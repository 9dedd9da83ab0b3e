package dev.sluice.stream.pull;

import io.nats.client.Connection;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * The end of a subscription to a consumer with acks. Nothing is given back before all of its pulls have ended: what is
 * under way is taken, and what is given back cannot meet a pull that nobody listens to.
 *
 * <p>Servers before 2.10.14 lose a redelivery that meets one: they take it off their queue, find no interest, and do not
 * put it back, so that it comes after the ack wait, and the message before it comes twice. Pulls that are not filled in
 * time are therefore left behind an unsubscribe, and a last one, short and from another inbox, makes the server look
 * through all that wait. When that one has ended, the others are forgotten.
 *
 * <p>Drain loop only.
 */
final class PullDrain {
    private static final Logger LOG = Logger.getLogger(PullDrain.class);
    private static final int TO_BE_FILLED = Ticker.ticks(Duration.ofSeconds(1));
    private static final int TO_COME_IN = 1;
    private static final int TO_BE_ANSWERED = 2;

    private enum Step {
        TAKING,
        UNSUBSCRIBING,
        LAST_PULL,
        OVER
    }

    private final OpenPulls pulls;
    private final Connection connection;
    private Step step = Step.TAKING;

    PullDrain(OpenPulls pulls, Connection connection) {
        this.pulls = pulls;
        this.connection = connection;
        if (pulls.busy()) {
            pulls.heartbeatMonitor().after(TO_BE_FILLED);
        } else {
            lastPull();
        }
    }

    /** Whether the server has let go of all pulls, or does not answer any more. */
    boolean over() {
        return step == Step.OVER || !pulls.any();
    }

    /** The alarm went off. */
    void rung() {
        switch (step) {
            case TAKING -> {
                step = Step.UNSUBSCRIBING;
                pulls.closeBehindWhatIsUnderWay();
                pulls.heartbeatMonitor().after(TO_COME_IN);
            }
            case UNSUBSCRIBING -> lastPull();
            case LAST_PULL, OVER -> step = Step.OVER;
        }
    }

    /** A pull ended, or the connection did, in a way that needs no more care. */
    void status(PullSignal signal) {
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            default -> step = Step.OVER;
        }
    }

    private void lastPull() {
        step = Step.LAST_PULL;
        try {
            pulls.last(connection);
            pulls.heartbeatMonitor().after(TO_BE_ANSWERED);
        } catch (IllegalStateException unsendable) {
            LOG.debugf("Left without a last pull: %s", unsendable.getMessage());
            step = Step.OVER;
        }
    }
}
