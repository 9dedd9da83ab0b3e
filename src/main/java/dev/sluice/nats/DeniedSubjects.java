package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The subjects to which the server has recently denied publishing. A core NATS publish has no reply, so the denial
 * arrives after the publish was accepted; later publishes to the same subject are rejected here. Thread-safe. Never
 * blocks.
 */
public final class DeniedSubjects {
    private final int limit;
    private final long kept;
    private final Map<String, Long> endings = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();
    private final LongAdder forgotten = new LongAdder();

    /**
     * @param limit the maximum number of subjects; a further one clears all
     * @param kept the validity of a denial, bounded because permissions change
     */
    DeniedSubjects(int limit, Duration kept) {
        this.limit = limit;
        this.kept = kept.toNanos();
    }

    /**
     * Checks that {@code subject} is not known to be denied.
     *
     * @throws SluiceException {@code FORBIDDEN} if it is
     */
    public void check(String subject) {
        if (contains(subject)) {
            refused.increment();
            throw refusal(subject);
        }
    }

    /** Returns whether the server has recently denied {@code subject}. */
    public boolean contains(String subject) {
        Long ending = endings.get(subject);
        if (ending == null || System.nanoTime() - ending < 0) {
            return ending != null;
        }
        endings.remove(subject, ending);
        return false;
    }

    /** Returns the number of publishes that were rejected because the server had denied their subject before. */
    public long refused() {
        return refused.sum();
    }

    /** Returns how often all subjects were cleared because the limit was reached. */
    public long forgotten() {
        return forgotten.sum();
    }

    /** Returns the failure of a publish to a denied subject. */
    public static SluiceException refusal(String subject) {
        return Failure.FORBIDDEN.because("The NATS server does not permit Sluice's own user to publish to " + subject
                + "; nothing was stored or delivered");
    }

    /** Adds a subject. Confined to one thread, together with {@link #clear}. */
    void add(String subject) {
        if (endings.size() >= limit && !endings.containsKey(subject)) {
            forgotten.increment();
            endings.clear();
        }
        endings.put(subject, System.nanoTime() + kept);
    }

    void clear() {
        endings.clear();
    }
}
