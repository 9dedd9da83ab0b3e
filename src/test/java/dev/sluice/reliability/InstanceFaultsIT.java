package dev.sluice.reliability;

import static org.awaitility.Awaitility.await;

import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.PackagedService;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two instances behind a load balancer. One of them is stopped or killed under load. */
class InstanceFaultsIT {
    private static final Duration UNREADY = Duration.ofSeconds(1);
    private static final Duration ENDED = Duration.ofSeconds(25);

    /** A stop is not a fault for clients: every request must get a response. */
    @Test
    @Tag("slow")
    void answersEveryRequestWhileAnInstanceIsStopped() {
        stopped("instance-stopped", 1);
    }

    @Test
    @Tag("reliability")
    void answersEveryRequestWhileEachInstanceIsStoppedInTurn() {
        stopped("instances-stopped", 4);
    }

    @Test
    @Tag("reliability")
    void losesNothingWhenAnInstanceIsKilled() {
        try (Harness harness = Harness.named("instance-killed").instances(2).start()) {
            harness.usualLoads().orders(5);
            for (int i = 0; i < 4; i++) {
                harness.acknowledged(200 + harness.random().nextInt(200));
                killed(harness, harness.instance(i % 2));
            }
            harness.acknowledged(300);
            harness.finish();
        }
    }

    static void killed(Harness harness, PackagedService instance) {
        harness.fault(
                Scope.INSTANCE,
                "an instance is killed",
                instance::kill,
                () -> {
                    instance.start(PackagedService.jar());
                    instance.awaitReady();
                },
                Duration.ofSeconds(2));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> harness.balancer().ready().size() == 2);
    }

    private static void stopped(String name, int times) {
        try (Harness harness = Harness.named(name).instances(2).start()) {
            harness.usualLoads().orders(5);
            harness.load(new PublishLoad(harness.ledger(), harness.port(), HttpVersion.HTTP_1_1, 150, 100));
            harness.load(new PublishLoad(harness.ledger(), harness.port(), HttpVersion.HTTP_2, 50, 100));
            for (int i = 0; i < times; i++) {
                harness.acknowledged(500 + harness.random().nextInt(200));
                stop(harness, harness.instance(i % 2));
            }
            harness.acknowledged(500);
            harness.finish();
        }
    }

    /** Stops the instance, checks that it becomes unready and ends in time, and starts it again. */
    static void stop(Harness harness, PackagedService instance) {
        FaultLog.Fault stopping = harness.faults().begin(Scope.STOP, "an instance is stopped");
        instance.terminate();
        within(harness, UNREADY, "the balancer sees it unready", () -> !harness.balancer()
                .ready()
                .contains(instance));
        within(harness, ENDED, "the process has ended", () -> !instance.alive());
        if (instance.alive()) {
            instance.kill();
        }
        stopping.end();
        instance.start(PackagedService.jar());
        instance.awaitReady();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> harness.balancer().ready().size() == 2);
    }

    private static void within(Harness harness, Duration limit, String what, Condition condition) {
        try {
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(Harness.slack(limit))
                    .until(condition::holds);
        } catch (ConditionTimeoutException late) {
            harness.ledger().found(Rule.SCENARIO, "not within " + Harness.slack(limit) + " of SIGTERM: " + what);
        }
    }

    private interface Condition {
        boolean holds();
    }
}
