package dev.sluice.reliability;

import dev.sluice.reliability.Crowd.Habit;
import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.RawClient;
import io.vertx.core.http.HttpVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random faults for the duration {@code -Dsoak}: two instances on a cluster of three; faults of the servers, of the
 * connections to them and of one instance; crowds of clients, malformed messages, changes of a stream, steps of the clock.
 * In the end nothing is lost, and the instance that ran the whole time has not grown.
 */
@Tag("reliability")
class SoakIT {
    /** The inactive threshold of the consumers of tails. */
    private static final Duration INACTIVE = Duration.ofMinutes(5);

    private static final Duration LENGTH = Duration.parse(System.getProperty("soak", "PT2M"));
    private static final Duration SERVING = Duration.ofSeconds(10);
    private static final List<String> STEPS = List.of("+3600", "-3600", "+0");

    @TempDir
    Path folder;

    @Test
    void losesNothingAndDoesNotGrow() {
        Harness.Builder builder =
                StateStores.swept(Harness.named("soak").clustered().instances(2));
        Optional<ServiceClock> clock = ServiceClock.in(folder);
        clock.ifPresent(set -> set.readBy(builder));
        try (Harness harness = builder.start()) {
            harness.usualLoads().orders(5);
            StateStores state = new StateStores(harness);
            ChangingStream changing = new ChangingStream(harness);
            harness.load(new PublishLoad(harness.ledger(), harness.port(), HttpVersion.HTTP_1_1, 100, 1_000));
            harness.acknowledged(2_000);
            Footprint before = Footprint.of(harness.instance(0));
            long elsewhere = Footprint.tails(harness.instance(1));
            long end = harness.faults().now() + LENGTH.toNanos();
            while (harness.faults().now() < end) {
                harness.acknowledged(100 + harness.random().nextInt(500));
                something(harness, changing, clock);
            }
            harness.acknowledged(1_000);
            harness.finish(
                    ledger -> {
                        state.compare();
                        Footprint after = Footprint.of(harness.instance(0));
                        harness.measured("before", before);
                        harness.measured("after", after);
                        after.grownSince(before, elsewhere).ifPresent(what -> ledger.found(Rule.LEAK, what));
                    },
                    ledger -> {
                        tailsLeft(harness).ifPresent(what -> ledger.found(Rule.LEAK, what));
                        consumersLeft(harness).ifPresent(what -> ledger.found(Rule.LEAK, what));
                    });
        }
    }

    private static void something(Harness harness, ChangingStream changing, Optional<ServiceClock> clock) {
        Random random = harness.random();
        ClusterFault[] faults = ClusterFault.values();
        int choice = random.nextInt(faults.length + 7);
        if (choice < faults.length) {
            faults[choice].strike(harness, SERVING);
        } else if (choice == faults.length) {
            InstanceFaultsIT.killed(harness, harness.instance(1));
        } else if (choice == faults.length + 1) {
            InstanceFaultsIT.stop(harness, harness.instance(1));
        } else if (choice == faults.length + 2) {
            beside(harness, "malformed messages", () -> poison(harness));
        } else if (choice == faults.length + 3) {
            beside(harness, "another stream is changed", changing::change);
        } else if (choice == faults.length + 4) {
            String step = STEPS.get(random.nextInt(STEPS.size()));
            beside(harness, "the clock is set to " + step + " s", () -> clock.ifPresent(set -> set.set(step)));
        } else {
            try (Crowd crowd = new Crowd(harness.instance(0).port(), random.nextLong())) {
                crowd.join(
                        200,
                        i -> "GET /v1/events?subject=load.>&from=all HTTP/1.1\r\nHost: x\r\n\r\n",
                        i -> Habit.values()[i % 4]);
                harness.acknowledged(200);
            }
        }
    }

    /** Does something that the loads must not notice. */
    private static void beside(Harness harness, String what, Runnable event) {
        FaultLog.Fault fault = harness.faults().begin(Scope.OTHER, what);
        event.run();
        fault.end();
    }

    private static void poison(Harness harness) {
        try (RawClient rogue = new RawClient(harness.cluster().servers().get(0))) {
            PoisonIT.poison(rogue);
        }
    }

    private static Optional<String> tailsLeft(Harness harness) {
        AtomicLong open = new AtomicLong();
        try {
            Awaitility.await().atMost(SERVING).until(() -> {
                open.set(Footprint.tails(harness.instance(0)) + Footprint.tails(harness.instance(1)));
                return open.get() == 0;
            });
            return Optional.empty();
        } catch (ConditionTimeoutException left) {
            return Optional.of(open.get() + " tails are open after their clients have left");
        }
    }

    /**
     * The consumers of tails are deleted when the tails end, or after their inactive threshold if the deletion is lost. An
     * instance with open tails keeps one for all tails of the same subjects.
     */
    private static Optional<String> consumersLeft(Harness harness) {
        AtomicLong seen = new AtomicLong(-1);
        try {
            Awaitility.await()
                    .atMost(INACTIVE.plusMinutes(1))
                    .ignoreExceptions()
                    .until(() -> {
                        seen.set(consumers(harness));
                        return seen.get() == 1;
                    });
            return Optional.empty();
        } catch (ConditionTimeoutException left) {
            return Optional.of(seen.get() + " consumers of the stream in place of the workers' one");
        }
    }

    private static long consumers(Harness harness) {
        return ManagementCall.make(harness.connection(), management -> management
                .getStreamInfo(Harness.STREAM)
                .getStreamState()
                .getConsumerCount());
    }
}
