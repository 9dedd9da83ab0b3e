package dev.sluice.reliability;

import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of a three-server cluster with R3 streams, one after the other, under load of every kind. */
@Tag("slow")
class ClusterFaultsIT {
    /** An election takes up to about ten seconds. */
    private static final Duration SERVING = Duration.ofSeconds(10);

    @Test
    void losesNothingWhileNothingBreaks() {
        try (Harness harness = Harness.named("cluster-calm").clustered().start()) {
            harness.usualLoads().orders(5);
            harness.acknowledged(600);
            harness.finish();
        }
    }

    /** Long enough for a fault that shows once in a thousand messages. */
    @Test
    @Tag("reliability")
    void losesNothingInThousandsOfMessagesWhileNothingBreaks() {
        try (Harness harness = Harness.named("cluster-calm-long").clustered().start()) {
            harness.usualLoads().orders(5);
            harness.acknowledged(6_000);
            harness.finish();
        }
    }

    @Test
    void losesNothingWhenLeadersChange() {
        through("cluster-short", ClusterFault.STREAM_STEPPED_DOWN, ClusterFault.LEADER_KILLED);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("reliability")
    void losesNothing(ClusterFault fault) {
        through(fault.name().toLowerCase(Locale.ROOT).replace('_', '-'), fault, fault);
    }

    @Test
    @Tag("reliability")
    void losesNothingInARollingRestart() {
        try (Harness harness =
                Harness.named("rolling-restart").clustered().instances(2).start()) {
            harness.usualLoads().orders(5);
            for (String name : harness.cluster().names()) {
                harness.acknowledged(200);
                harness.fault(
                        FaultLog.Scope.NATS,
                        name + " is restarted",
                        () -> {
                            harness.cluster().server(name).lameDuck();
                            harness.cluster().server(name).awaitEnd(Duration.ofSeconds(90));
                        },
                        () -> harness.cluster().server(name).start(),
                        SERVING);
                harness.cluster().awaitCurrent(Harness.STREAM);
            }
            harness.acknowledged(300);
            harness.finish();
        }
    }

    private static void through(String name, ClusterFault... faults) {
        try (Harness harness = Harness.named(name).clustered().start()) {
            harness.usualLoads().orders(5);
            for (ClusterFault fault : faults) {
                harness.acknowledged(150 + harness.random().nextInt(200));
                fault.strike(harness, SERVING);
            }
            harness.acknowledged(200);
            harness.finish();
        }
    }
}
