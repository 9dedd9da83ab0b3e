package dev.sluice.flow;

import java.util.concurrent.atomic.AtomicBoolean;

/** An action that runs at the first call only, such as the release of a shared resource. Thread-safe. */
public final class RunOnce implements Runnable {
    private final Runnable action;
    private final AtomicBoolean ran = new AtomicBoolean();

    public RunOnce(Runnable action) {
        this.action = action;
    }

    @Override
    public void run() {
        if (ran.compareAndSet(false, true)) {
            action.run();
        }
    }
}
