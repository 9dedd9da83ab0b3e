package dev.sluice.stream.pull;

import io.nats.client.Connection;

/** What a push consumer sends, in its order. */
sealed interface PushSignal {

    /** Whether the subscriber is to see it; called in its turn, when the subscriber has taken all before it. */
    boolean taken();

    /** In bytes, as it waits for its turn. */
    long size();

    record Delivered(Delivery delivery, PullCounters counters) implements PushSignal {
        @Override
        public boolean taken() {
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

    /** The server sends no further before it has got this answer, which is an empty message. */
    final class FlowControl implements PushSignal {
        private final Connection connection;
        private final String answerTo;
        private final PullCounters counters;
        private volatile boolean due;

        FlowControl(Connection connection, String answerTo, PullCounters counters) {
            this.connection = connection;
            this.answerTo = answerTo;
            this.counters = counters;
        }

        boolean answersTo(String subject) {
            return answerTo.equals(subject);
        }

        @Override
        public boolean taken() {
            due = true;
            answer();
            return false;
        }

        /** The server still waits: answers again if the answer was due already. */
        void answerAgain() {
            if (due) {
                answer();
            }
        }

        private void answer() {
            try {
                connection.publish(answerTo, null);
            } catch (IllegalStateException closedOrFull) {
                counters.unsentAcks.increment();
            }
        }

        @Override
        public long size() {
            return 0;
        }
    }
}
