package dev.sluice.reliability;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Log of the injected faults and their times. A failed scenario prints it. Faults excuse some differences. */
final class FaultLog {
    /**
     * The kind of fault. Only {@code INSTANCE} (a killed instance) excuses a broken connection. {@code STOP} excuses
     * redeliveries. During a {@code PARTITION} a stale leader does not know new messages. {@code OTHER} is an event that the
     * loads must not notice: it excuses nothing.
     */
    enum Scope {
        NATS,
        PARTITION,
        INSTANCE,
        STOP,
        OTHER
    }

    private final long begin = System.nanoTime();
    private final Duration grace;
    private final List<Fault> faults = new CopyOnWriteArrayList<>();

    /** @param grace the time after the end of a fault in which it may still have effects */
    FaultLog(Duration grace) {
        this.grace = grace;
    }

    /** Returns the nanoseconds since the start of the scenario. */
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

    /** Returns whether a fault was active, or within its grace period, at any time from {@code from} to {@code to}. */
    boolean disturbed(long from, long to) {
        return faults.stream().anyMatch(fault -> fault.overlaps(from, to, grace));
    }

    boolean disturbed(Scope scope, long from, long to) {
        return faults.stream().anyMatch(fault -> fault.scope == scope && fault.overlaps(from, to, grace));
    }

    /** Returns whether a fault was active at any time from {@code from} to {@code to}. */
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
            return scope != Scope.OTHER && from <= end && (to == Long.MAX_VALUE || to + after.toNanos() >= begin);
        }

        @Override
        public String toString() {
            return seconds(from) + (to == Long.MAX_VALUE ? " … end" : " … " + seconds(to)) + "  " + name;
        }
    }
}
