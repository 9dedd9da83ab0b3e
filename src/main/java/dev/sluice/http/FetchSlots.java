package dev.sluice.http;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Permits;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;

/** The fetches that this instance serves at once. One more is refused, and counted. */
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

    /** @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, if all are taken */
    void take() {
        if (!taken.take(1)) {
            refused.increment();
            throw Failure.OVERLOADED.because("This instance serves " + most + " fetches at once");
        }
    }

    void giveBack() {
        taken.giveBack(1);
    }

    /** Fetches that are served now. */
    public long open() {
        return taken.taken();
    }

    /** Fetches that were refused because all slots were taken. */
    public long refused() {
        return refused.sum();
    }
}
