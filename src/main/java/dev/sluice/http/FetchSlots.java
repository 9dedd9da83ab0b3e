package dev.sluice.http;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Permits;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
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

    /** Returns {@code fetch}, which holds a slot until it terminates. Fails {@code OVERLOADED} if no slot is free. */
    <T> Uni<T> guard(Uni<T> fetch) {
        return taken.guard(fetch, this::refusal);
    }

    /** As {@link #guard(Uni)}. */
    <T> Multi<T> guard(Multi<T> fetch) {
        return taken.guard(fetch, this::refusal);
    }

    private SluiceException refusal() {
        refused.increment();
        return Failure.OVERLOADED.because("This instance serves at most " + most + " fetches at once");
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
