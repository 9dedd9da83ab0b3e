package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The subjects that the server has lately not let us publish to. Core NATS answers no publish, so the server's word
 * comes after the message was taken; what is remembered here is refused the next time. Thread-safe, never blocks.
 */
public final class DeniedSubjects {
    private final int limit;
    private final long kept;
    private final Map<String, Long> endings = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();
    private final LongAdder forgotten = new LongAdder();

    /**
     * @param limit one more, and all are forgotten
     * @param kept how long the server's word counts: permissions change
     */
    DeniedSubjects(int limit, Duration kept) {
        this.limit = limit;
        this.kept = kept.toNanos();
    }

    /**
     * Lets pass what is not known to be denied.
     *
     * @throws SluiceException {@code FORBIDDEN}
     */
    public void check(String subject) {
        if (contains(subject)) {
            refused.increment();
            throw refusal(subject);
        }
    }

    /** Whether the server has lately denied {@code subject}. */
    public boolean contains(String subject) {
        Long ending = endings.get(subject);
        if (ending == null || System.nanoTime() - ending < 0) {
            return ending != null;
        }
        endings.remove(subject, ending);
        return false;
    }

    /** Publishes that were refused because the server had denied their subject before. */
    public long refused() {
        return refused.sum();
    }

    /** Times that too many subjects were denied, so that all were forgotten. */
    public long forgotten() {
        return forgotten.sum();
    }

    /** What to say to whoever publishes to a denied subject. */
    public static SluiceException refusal(String subject) {
        return Failure.FORBIDDEN.because("The NATS server does not permit Sluice's own user to publish to " + subject
                + "; nothing was stored or delivered");
    }

    /** Called on one thread, as {@link #clear}. */
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
