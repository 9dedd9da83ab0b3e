package dev.sluice.orders;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * One member of the queue group {@code workers.orders}: NATS gives each new order to one member, at most once. Good for
 * what may be missed, as a count or a line in the log; what may not be missed is done by {@link OrderProcessing}.
 */
@Singleton
public final class OrderNotifications {
    private static final Logger LOG = Logger.getLogger(OrderNotifications.class);
    private static final String GROUP = "workers.orders";
    private static final SubjectSet CREATED = SubjectSet.of(List.of(new SubjectPattern("orders.created")));

    private final CoreSubscriptions subscriptions;
    private final LongAdder noticed = new LongAdder();
    private final LongAdder unreadable = new LongAdder();

    @Inject
    public OrderNotifications(CoreSubscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** Joins the group until the returned handle is cancelled. */
    Cancellable join(SubscriptionObserver observer) {
        return subscriptions
                .subscribe(CREATED, Optional.of(GROUP), Overflow.DROP_OLDEST, observer)
                .subscribe()
                .with(this::notice, failure -> LOG.error("Left the queue group " + GROUP, failure));
    }

    /** Orders this member was told of. */
    public long noticed() {
        return noticed.sum();
    }

    /** Messages among them that are no orders. */
    public long unreadable() {
        return unreadable.sum();
    }

    private void notice(InboundMessage message) {
        noticed.increment();
        try {
            LOG.debugf("Order %s came in", OrderFormat.decode(message.data()).orderId());
        } catch (SluiceException notAnOrder) {
            unreadable.increment();
            LOG.debugf("A message on %s is no order: %s", message.subject(), notAnOrder.getMessage());
        }
    }
}
