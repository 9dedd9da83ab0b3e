package dev.sluice.http.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Permits;
import dev.sluice.http.HttpConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;

/** Limits the number of concurrent fetches of this instance. Further fetches are rejected and counted. Thread-safe. */
@Singleton
public final class FetchSlots {
    private final int most;
    private final Permits taken;
    private final LongAdder refused = new LongAdder();

    @Inject
    FetchSlots(HttpConfig config) {
        most = config.fetch().maxWaiting();
        taken = new Permits(most);
    }

    /**
     * Takes a slot, and returns the action that frees it.
     *
     * @throws SluiceException {@code OVERLOADED} if no slot is free
     */
    Runnable take() {
        if (!taken.take(1)) {
            refused.increment();
            throw Failure.OVERLOADED.because("This instance serves at most " + most + " fetches at once");
        }
        return () -> taken.giveBack(1);
    }

    /** Returns the number of open fetches. */
    public long open() {
        return taken.taken();
    }

    /** Returns the number of fetches that were rejected because no slot was free. */
    public long refused() {
        return refused.sum();
    }
}
