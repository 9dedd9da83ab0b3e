package dev.sluice.reliability;

import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.NatsServer;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Watches, compare-and-set, uploads and downloads while servers and instances are killed. The last state of every key
 * reaches every watch, the number is the sum of its acknowledged increments, every object is that of an upload, whole, and no
 * chunk stays behind.
 */
class StateFaultsIT {
    private static final Duration SERVING = Duration.ofSeconds(2);
    private static final Duration ELECTED = Duration.ofSeconds(10);

    @Test
    @Tag("slow")
    void losesNoStateWhenTheServerIsKilled() {
        try (Harness harness =
                StateStores.swept(Harness.named("state-server-killed")).start()) {
            StateStores state = loaded(harness);
            killed(harness, 1);
            harness.acknowledged(40);
            harness.finish(ledger -> state.compare());
        }
    }

    @Test
    @Tag("reliability")
    void losesNoStateWhenTheServerIsKilledTenTimesAndInstancesToo() {
        try (Harness harness = StateStores.swept(Harness.named("state-killed-ten-times"))
                .instances(2)
                .start()) {
            StateStores state = loaded(harness);
            for (int i = 0; i < 5; i++) {
                killed(harness, 2);
                harness.acknowledged(40 + harness.random().nextInt(40));
                InstanceFaultsIT.killed(harness, harness.instance(i % 2));
            }
            harness.acknowledged(100);
            harness.finish(ledger -> state.compare());
        }
    }

    @Test
    @Tag("reliability")
    void losesNoStateIfServersAndInstancesOfAClusterAreKilled() {
        try (Harness harness = StateStores.swept(Harness.named("state-cluster"))
                .clustered()
                .instances(2)
                .start()) {
            StateStores state = loaded(harness);
            for (int i = 0; i < 3; i++) {
                leaderKilled(harness, StateStores.BUCKET_STREAM);
                leaderKilled(harness, StateStores.STORE_STREAM);
                harness.acknowledged(40 + harness.random().nextInt(40));
                InstanceFaultsIT.killed(harness, harness.instance(i % 2));
            }
            harness.acknowledged(100);
            harness.finish(ledger -> state.compare());
        }
    }

    private static StateStores loaded(Harness harness) {
        harness.load(new PublishLoad(harness.ledger(), harness.port(), HttpVersion.HTTP_1_1, 20, 200));
        return new StateStores(harness);
    }

    private static void killed(Harness harness, int times) {
        for (int i = 0; i < times; i++) {
            harness.acknowledged(40 + harness.random().nextInt(40));
            harness.fault(Scope.NATS, "the server is killed", harness.server()::kill, harness.server()::start, SERVING);
        }
    }

    private static void leaderKilled(Harness harness, String stream) {
        harness.acknowledged(40 + harness.random().nextInt(40));
        NatsServer leader = harness.cluster().server(harness.cluster().awaitStreamLeader(stream));
        harness.fault(
                Scope.NATS,
                "the leader of " + stream + " is killed",
                leader::kill,
                () -> {
                    Harness.lasting(Duration.ofMillis(500 + harness.random().nextInt(3_000)));
                    leader.start();
                },
                ELECTED);
        harness.cluster().awaitCurrent(stream);
    }
}
