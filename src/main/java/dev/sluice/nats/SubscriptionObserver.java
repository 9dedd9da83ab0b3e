package dev.sluice.nats;

/** Told whether a subscription is in force. Called on NATS threads; must not block. */
public interface SubscriptionObserver {
    SubscriptionObserver NONE = new SubscriptionObserver() {
        @Override
        public void active() {}

        @Override
        public void interrupted() {}
    };

    /** The server has the subscription: what is published from now on arrives. */
    void active();

    /** NATS is away: what is published until {@link #active} is not seen. */
    void interrupted();
}
