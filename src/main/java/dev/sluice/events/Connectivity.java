package dev.sluice.events;

import dev.sluice.nats.SubscriptionObserver;

/**
 * Reports whether a stream is followed. Three conditions must hold: NATS is reachable, the stream can be read through
 * it, and JetStream answers state requests for the stream. A consumer alone is not enough: on a server that is cut off
 * from the others it stays alive and receives nothing. The conditions are reported by different threads; a change of
 * the result is reported to the observer.
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
                reportIfActive();
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
                reportIfActive();
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

    /** Returns the observer of the connection. An interruption of the connection also ends reading. */
    SubscriptionObserver link() {
        return link;
    }

    /** Returns the observer of the stream. */
    SubscriptionObserver stream() {
        return stream;
    }

    /** Records whether JetStream answers state requests for the stream. */
    synchronized void answered(boolean now) {
        answered = now;
        if (now) {
            reportIfActive();
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

    private void reportIfActive() {
        if (linked && reading && answered && !active) {
            active = true;
            interrupted = false;
            whole.active();
        }
    }
}
