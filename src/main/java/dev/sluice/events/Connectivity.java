package dev.sluice.events;

import dev.sluice.nats.SubscriptionObserver;

/**
 * Whether a stream is followed: NATS can be reached, the stream can be read through it, and JetStream says how the stream
 * is. A consumer alone proves little: on a server that is cut off from the others it stays alive and receives nothing. The
 * three are told by different threads; what changes the whole is told on.
 */
final class Connectivity {
    private final SubscriptionObserver whole;
    private boolean linked;
    private boolean reading;
    private boolean answered = true;
    private boolean interrupted;
    private boolean active;

    private final SubscriptionObserver link = new SubscriptionObserver() {
        @Override
        public void active() {
            synchronized (Connectivity.this) {
                linked = true;
                tell();
            }
        }

        @Override
        public void interrupted() {
            synchronized (Connectivity.this) {
                linked = false;
                interrupt();
            }
        }
    };

    private final SubscriptionObserver stream = new SubscriptionObserver() {
        @Override
        public void active() {
            synchronized (Connectivity.this) {
                reading = true;
                tell();
            }
        }

        @Override
        public void interrupted() {
            synchronized (Connectivity.this) {
                interrupt();
            }
        }
    };

    Connectivity(SubscriptionObserver whole) {
        this.whole = whole;
    }

    /** To be told of the connection. Its end is an end of reading too. */
    SubscriptionObserver link() {
        return link;
    }

    /** To be told of the stream. */
    SubscriptionObserver stream() {
        return stream;
    }

    /** Whether JetStream says how the stream is. */
    synchronized void answered(boolean now) {
        answered = now;
        if (now) {
            tell();
        } else {
            pause();
        }
    }

    private void interrupt() {
        reading = false;
        pause();
    }

    private void pause() {
        active = false;
        if (!interrupted) {
            interrupted = true;
            whole.interrupted();
        }
    }

    private void tell() {
        if (linked && reading && answered && !active) {
            active = true;
            interrupted = false;
            whole.active();
        }
    }
}
