package dev.sluice.stream.pull;

import io.nats.client.Connection;

/** A delivery or a flow control request of a push consumer. Both are queued in the order received. */
sealed interface PushSignal {

    /** Called after the subscriber has taken all earlier signals. Returns whether to emit this signal downstream. */
    boolean taken();

    /** Returns the size in the buffer, in bytes. */
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

    /** A flow control request: the server sends no further messages until it receives the reply, an empty message. */
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

        /** Repeats the reply, if it was already due, because the server still waits for it. */
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
