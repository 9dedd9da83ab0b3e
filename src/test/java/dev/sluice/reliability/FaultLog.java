package dev.sluice.reliability;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** What was broken, when, and for how long: the schedule that a failure prints, and what excuses some differences. */
final class FaultLog {
    /**
     * What is broken. Only a killed instance excuses a broken connection; one that is stopped excuses redeliveries; and where
     * servers are parted, a leader that is none any more, and does not know it, knows nothing of new messages.
     */
    enum Scope {
        NATS,
        PARTITION,
        INSTANCE,
        STOP
    }

    private final long begin = System.nanoTime();
    private final Duration grace;
    private final List<Fault> faults = new CopyOnWriteArrayList<>();

    /** @param grace how long after its end a fault may still have effects */
    FaultLog(Duration grace) {
        this.grace = grace;
    }

    /** Nanoseconds since the beginning of the scenario. */
    long now() {
        return System.nanoTime() - begin;
    }

    Fault begin(Scope scope, String name) {
        return begin(scope, name, now());
    }

    Fault begin(Scope scope, String name, long at) {
        Fault fault = new Fault(scope, name, at);
        faults.add(fault);
        return fault;
    }

    int count() {
        return faults.size();
    }

    /** Whether anything was broken, or had been until shortly before, at any time from {@code from} to {@code to}. */
    boolean disturbed(long from, long to) {
        return faults.stream().anyMatch(fault -> fault.overlaps(from, to, grace));
    }

    boolean disturbed(Scope scope, long from, long to) {
        return faults.stream().anyMatch(fault -> fault.scope == scope && fault.overlaps(from, to, grace));
    }

    /** Whether anything was broken at any time from {@code from} to {@code to}. */
    boolean broken(long from, long to) {
        return faults.stream().anyMatch(fault -> fault.overlaps(from, to, Duration.ZERO));
    }

    @Override
    public String toString() {
        return faults.stream().map(Fault::toString).collect(Collectors.joining("\n"));
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
    }

    final class Fault {
        private final Scope scope;
        private final String name;
        private final long from;
        private volatile long to = Long.MAX_VALUE;

        private Fault(Scope scope, String name, long from) {
            this.scope = scope;
            this.name = name;
            this.from = from;
        }

        void end() {
            end(now());
        }

        void end(long at) {
            to = at;
        }

        private boolean overlaps(long begin, long end, Duration after) {
            return from <= end && (to == Long.MAX_VALUE || to + after.toNanos() >= begin);
        }

        @Override
        public String toString() {
            return seconds(from) + (to == Long.MAX_VALUE ? " … end" : " … " + seconds(to)) + "  " + name;
        }
    }
}
