package dev.sluice.nats;

/** Notified when a subscription becomes active or is interrupted. Called on NATS threads; must not block. */
public interface SubscriptionObserver {
    SubscriptionObserver NONE = new SubscriptionObserver() {
        @Override
        public void active() {}

        @Override
        public void interrupted() {}
    };

    /** Called when the server has the subscription. Messages published from now on arrive. */
    void active();

    /**
     * Called when a message is dropped because the buffer of the subscriber or of its thread is full, after the preceding
     * messages were emitted. The subscription counts it.
     */
    default void dropped() {}

    /** Called when NATS is unreachable. Messages published until {@link #active} are lost. */
    void interrupted();
}
