package dev.sluice.orders;

import dev.sluice.failure.SluiceException;
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
 * One member of the queue group {@code workers.orders}: NATS delivers each new order to one member, at most once.
 * Suitable only for work that may be lost, such as counting or logging; all other work is done by
 * {@link OrderProcessing}.
 */
@Singleton
public final class OrderNotifications {
    private static final Logger LOG = Logger.getLogger(OrderNotifications.class);
    private static final String GROUP = "workers.orders";
    private static final SubjectSet CREATED = SubjectSet.of(List.of(new SubjectPattern("orders.created")));

    private final CoreSubscriptions subscriptions;
    private final LongAdder noticed = new LongAdder();

    @Inject
    public OrderNotifications(CoreSubscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** Joins the queue group. Cancelling the returned handle leaves it. */
    Cancellable join(SubscriptionObserver observer) {
        return subscriptions
                .subscribePermanently(CREATED, Optional.of(GROUP), observer)
                .subscribe()
                .with(this::notice);
    }

    /** Returns the number of messages that this member received. For tests. */
    long noticed() {
        return noticed.sum();
    }

    private void notice(InboundMessage message) {
        noticed.increment();
        try {
            LOG.debugf("Received order %s", OrderJson.decode(message.data()).orderId());
        } catch (SluiceException notAnOrder) {
            LOG.debugf("A message on %s is not an order: %s", message.subject(), notAnOrder.getMessage());
        }
    }
}
