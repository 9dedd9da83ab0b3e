package dev.sluice.stream.pull;

/** What a push consumer sends, in its order. */
sealed interface PushSignal {

    /** Does what is to be done in its turn; whether the subscriber is to see it. */
    boolean handle();

    long size();

    record Delivered(Delivery delivery, PullCounters counters) implements PushSignal {
        @Override
        public boolean handle() {
            counters.delivered.increment();
            if (delivery.delivered() > 1) {
                counters.redelivered.increment();
            }
            return true;
        }

        @Override
        public long size() {
            return delivery.wireSize();
        }
    }

    /** The server waits for this answer before it sends on. */
    record FlowControl(Runnable answer) implements PushSignal {
        @Override
        public boolean handle() {
            answer.run();
            return false;
        }

        @Override
        public long size() {
            return 0;
        }
    }
}
