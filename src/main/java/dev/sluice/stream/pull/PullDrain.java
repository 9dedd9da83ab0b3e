package dev.sluice.stream.pull;

import io.nats.client.Connection;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * The orderly end of the pulls of a subscription or fetch with acks. Deliveries are returned by a nak only after all
 * pulls have ended: messages in flight are still received, and a redelivery cannot go to a pull without a subscriber.
 *
 * <p>Servers before {@value #KEEPS_REDELIVERIES_SINCE} lose such a redelivery: they remove it from their queue, find no
 * interest, and do not put it back. It then comes only after the ack wait, and the message before it comes twice. So
 * pulls that do not fill in time are abandoned by an unsubscribe, and a last short pull from another inbox makes the
 * server check all waiting pulls. When the last pull has ended, the server has dropped the others. Later servers need
 * no last pull, which may itself take a message.
 *
 * <p>Confined to the drain loop.
 */
final class PullDrain {
    private static final Logger LOG = Logger.getLogger(PullDrain.class);
    private static final String KEEPS_REDELIVERIES_SINCE = "2.10.14";
    private static final int TO_BE_FILLED = PullContext.ticks(Duration.ofSeconds(1));
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
            abandon();
        }
    }

    /** Returns whether the server has ended all pulls or no longer answers. */
    boolean over() {
        return step == Step.OVER || !pulls.any();
    }

    /** Proceeds to the next step when the monitor fires. */
    void timedOut() {
        switch (step) {
            case TAKING -> {
                step = Step.UNSUBSCRIBING;
                pulls.closeAfterInFlight();
                pulls.heartbeatMonitor().after(TO_COME_IN);
            }
            case UNSUBSCRIBING -> abandon();
            case LAST_PULL, OVER -> step = Step.OVER;
        }
    }

    /** Handles a status. A status other than the normal end of a pull ends the drain. */
    void status(PullSignal signal) {
        switch (signal.status()) {
            case HEARTBEAT -> {}
            case ENDED, OVERSIZE -> pulls.ended(signal);
            default -> step = Step.OVER;
        }
    }

    /** Ends the pulls that are still open. The unsubscribe alone does so at a server that keeps redeliveries. */
    private void abandon() {
        if (connection.getServerInfo().isSameOrNewerThanVersion(KEEPS_REDELIVERIES_SINCE)) {
            step = Step.OVER;
        } else {
            lastPull();
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
