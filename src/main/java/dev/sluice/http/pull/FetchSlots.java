package dev.sluice.http.pull;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.http.HttpConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Limits the number of concurrent fetches of this instance. Further fetches are rejected and counted. Thread-safe. */
@Singleton
public final class FetchSlots implements Limited {
    private final Limit limit;

    @Inject
    FetchSlots(HttpConfig config) {
        limit = new Limit("sluice.http.fetch.max-waiting", config.fetch().maxWaiting());
    }

    /**
     * Takes a slot, and returns the action that frees it.
     *
     * @throws SluiceException {@code OVERLOADED} if no slot is free
     */
    Runnable take() {
        limit.take(1, "This instance serves at most " + limit.max() + " fetches at once");
        return () -> limit.release(1);
    }

    /** Returns the number of open fetches. */
    public long open() {
        return limit.taken();
    }

    /** Returns the number of fetches that were rejected because no slot was free. */
    public long refused() {
        return limit.refused();
    }

    @Override
    public List<Limit> limits() {
        return List.of(limit);
    }
}
