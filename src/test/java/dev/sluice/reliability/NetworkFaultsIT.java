package dev.sluice.reliability;

import static org.awaitility.Awaitility.await;

import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TcpProxy.Direction;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The connection to one server fails while the server runs. The service detects an outage within five seconds: it
 * becomes unready, and tails that receive nothing report it.
 */
class NetworkFaultsIT {
    private static final Duration SERVING = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofSeconds(5);
    private static final Duration OUTAGE = Duration.ofSeconds(12);

    @Test
    @Tag("reliability")
    void detectsABlackHoleAndReconnects() {
        through("network-black-hole", "a black hole", TcpProxy::blackHole, true);
    }

    @Test
    @Tag("reliability")
    void detectsThatNothingArrivesFromTheServer() {
        through(
                "network-half-open-to-client",
                "nothing comes from NATS",
                proxy -> proxy.halfOpen(Direction.TO_CLIENT),
                true);
    }

    /** Messages that were requested before still arrive, so tails continue until they run out. */
    @Test
    @Tag("reliability")
    void detectsThatNothingReachesTheServer() {
        through(
                "network-half-open-to-server",
                "nothing gets to NATS",
                proxy -> proxy.halfOpen(Direction.TO_SERVER),
                false);
    }

    @Test
    @Tag("reliability")
    void detectsAFrozenServer() {
        try (Harness harness = Harness.named("network-server-frozen").start()) {
            harness.usualLoads().orders(5);
            harness.acknowledged(200);
            harness.fault(
                    Scope.NATS,
                    "the server is frozen",
                    () -> {
                        harness.server().freeze();
                        noticed(harness, true);
                    },
                    harness.server()::thaw,
                    SERVING);
            harness.acknowledged(200);
            harness.finish();
        }
    }

    @Test
    @Tag("reliability")
    void servesAcross300Milliseconds() {
        try (Harness harness = Harness.named("network-latency").start()) {
            harness.ways().forEach(proxy -> proxy.delay(Duration.ofMillis(150)));
            harness.usualLoads().orders(5);
            harness.acknowledged(1_500);
            harness.finish();
        }
    }

    /** New connections are cut at random, and the others are cut in the middle of a message. */
    @Test
    @Tag("reliability")
    void losesNothingIfConnectionsAreCutRepeatedly() {
        try (Harness harness = Harness.named("network-cuts").start()) {
            harness.usualLoads().orders(5);
            TcpProxy proxy = harness.ways().get(0);
            proxy.cutSome(0.3, harness.random().nextLong());
            for (int i = 0; i < 20; i++) {
                harness.acknowledged(30 + harness.random().nextInt(50));
                harness.fault(
                        Scope.NATS,
                        "connections are cut in the middle of a message",
                        () -> proxy.cutAfter(
                                Direction.values()[harness.random().nextInt(2)],
                                1 + harness.random().nextInt(3_000)),
                        () -> {},
                        SERVING);
            }
            proxy.restore();
            harness.acknowledged(200);
            harness.finish();
        }
    }

    private static void through(String name, String what, Outage outage, boolean deafTails) {
        try (Harness harness = Harness.named(name).start()) {
            harness.usualLoads().orders(5);
            harness.acknowledged(200);
            TcpProxy proxy = harness.ways().get(0);
            harness.fault(
                    Scope.NATS,
                    what,
                    () -> {
                        long began = harness.faults().now();
                        outage.of(proxy);
                        noticed(harness, deafTails);
                        Harness.lasting(OUTAGE.minusNanos(harness.faults().now() - began));
                    },
                    proxy::restore,
                    SERVING);
            harness.acknowledged(200);
            harness.finish();
        }
    }

    private static void noticed(Harness harness, boolean deafTails) {
        try {
            await().pollInterval(Duration.ofMillis(100))
                    .atMost(Harness.slack(NOTICED))
                    .until(() -> !harness.instance(0).ready()
                            && (!deafTails || harness.ledger().tails().stream().allMatch(Ledger.Tail::away)));
        } catch (ConditionTimeoutException late) {
            harness.ledger()
                    .found(
                            Rule.SCENARIO,
                            "after " + Harness.slack(NOTICED) + " the outage is not noticed: ready "
                                    + harness.instance(0).ready() + ", tails that say `reconnecting`: "
                                    + harness.ledger().tails().stream()
                                            .filter(Ledger.Tail::away)
                                            .count());
        }
    }

    private interface Outage {
        void of(TcpProxy proxy);
    }
}
