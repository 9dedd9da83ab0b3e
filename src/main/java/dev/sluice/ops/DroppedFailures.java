package dev.sluice.ops;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ClientDisconnect;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.SocketException;
import org.jboss.logging.Logger;

/**
 * Logs failures that no subscriber receives. Quarkus logs all of them as errors. Two are expected after a client has
 * disconnected and its work was cancelled: NATS refuses the work at the same moment, or the reading of the body fails. Any
 * other failure is a fault.
 */
@Singleton
final class DroppedFailures {
    private static final Logger LOG = Logger.getLogger(DroppedFailures.class);

    void begin(@Observes StartupEvent started) {
        Infrastructure.setDroppedExceptionHandler(DroppedFailures::dropped);
    }

    static void dropped(Throwable failure) {
        if (isRefusal(failure) || isDisconnect(failure)) {
            LOG.debug("Nobody waits for this failure any more", failure);
        } else {
            LOG.error("No subscriber received this failure", failure);
        }
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof SluiceException && !Failure.INTERNAL.matches(failure);
    }

    private static boolean isDisconnect(Throwable failure) {
        return failure instanceof SocketException || ClientDisconnect.caused(failure);
    }
}
