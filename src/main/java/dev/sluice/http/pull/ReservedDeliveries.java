package dev.sluice.http.pull;

import dev.sluice.nats.Subject;
import dev.sluice.stream.pull.Delivery;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * Deliveries whose subject is reserved for NATS. No client of this service may see them, so none can settle them: they
 * are terminated, logged and counted. A redelivery would take the place of other messages for ever. Thread-safe.
 */
@Singleton
public final class ReservedDeliveries {
    private static final Logger LOG = Logger.getLogger(ReservedDeliveries.class);

    private final LongAdder terminated = new LongAdder();

    /** Returns the other deliveries. */
    List<Delivery> leaveOut(List<Delivery> fetched) {
        if (fetched.stream().noneMatch(ReservedDeliveries::reserved)) {
            return fetched;
        }
        fetched.stream().filter(ReservedDeliveries::reserved).forEach(this::end);
        return fetched.stream().filter(delivery -> !reserved(delivery)).toList();
    }

    /** Returns the number of terminated deliveries. */
    public long count() {
        return terminated.sum();
    }

    private void end(Delivery delivery) {
        terminated.increment();
        LOG.warnf(
                "Message %d of %s is not delivered to a client of %s: its subject is reserved",
                delivery.streamSequence(), delivery.stream(), delivery.consumer());
        delivery.term("reserved subject");
    }

    private static boolean reserved(Delivery delivery) {
        return Subject.reserved(delivery.subject());
    }
}
