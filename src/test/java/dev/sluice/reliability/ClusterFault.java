package dev.sluice.reliability;

import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TcpProxy.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Faults of a cluster under load. Each fault includes its repair; all servers run again after it. */
enum ClusterFault {
    LEADER_KILLED("the stream's leader is killed") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            killed(cluster, cluster.awaitStreamLeader(Harness.STREAM), millis(random, 500, 4_000));
        }
    },
    FOLLOWER_KILLED("a follower of the stream is killed") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            killed(cluster, any(cluster.followers(Harness.STREAM), random), millis(random, 500, 4_000));
        }
    },
    CONSUMER_LEADER_KILLED("the consumer's leader is killed") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            String leader = cluster.consumerLeader(Harness.STREAM, Harness.CONSUMER);
            killed(cluster, leader.isBlank() ? any(cluster.names(), random) : leader, millis(random, 500, 4_000));
        }
    },
    CONNECTED_SERVER_KILLED("the server that Sluice is connected to is killed") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            killed(cluster, connected(cluster, random), millis(random, 500, 4_000));
        }
    },
    STREAM_STEPPED_DOWN("the stream's leader steps down") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.awaitStreamLeader(Harness.STREAM);
            cluster.stepDownStream(Harness.STREAM);
        }
    },
    CONSUMER_STEPPED_DOWN("the consumer's leader steps down") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.stepDownConsumer(Harness.STREAM, Harness.CONSUMER);
        }
    },
    LAME_DUCK("a server goes by way of lame duck, and comes back") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            NatsServer server = cluster.server(connected(cluster, random));
            server.lameDuck();
            server.awaitEnd(Duration.ofSeconds(90));
            server.start();
        }
    },
    PARTITION("one server is parted from the other two") {
        @Override
        Scope scope() {
            return Scope.PARTITION;
        }

        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.partition(any(cluster.names(), random));
            Harness.lasting(millis(random, 5_000, 15_000));
            cluster.heal();
        }
    },
    LEADER_PARTITIONED("the stream's leader is parted from the other two") {
        @Override
        Scope scope() {
            return Scope.PARTITION;
        }

        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.partition(cluster.awaitStreamLeader(Harness.STREAM));
            Harness.lasting(millis(random, 5_000, 15_000));
            cluster.heal();
        }
    },
    LEADER_FROZEN("the stream's leader is frozen and goes on") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            frozen(cluster.server(cluster.awaitStreamLeader(Harness.STREAM)), Duration.ofSeconds(15));
        }
    },
    CONNECTED_SERVER_FROZEN("the server that Sluice is connected to is frozen and goes on") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            frozen(cluster.server(connected(cluster, random)), millis(random, 8_000, 20_000));
        }
    },
    CONNECTIONS_CUT("all connections are cut") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.ways().forEach(TcpProxy::cut);
        }
    },
    CONNECTIONS_CUT_IN_A_MESSAGE("all connections are cut in the middle of a message") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            Direction direction = Direction.values()[random.nextInt(2)];
            cluster.ways().forEach(way -> way.cutAfter(direction, 1 + random.nextInt(5_000)));
        }
    },
    BLACK_HOLE("the way to NATS is a black hole, which forgets its connections") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.ways().forEach(TcpProxy::blackHole);
            Harness.lasting(millis(random, 3_000, 15_000));
            cluster.ways().forEach(TcpProxy::restore);
        }
    },
    HALF_OPEN("one direction of all connections is dead") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            Direction direction = Direction.values()[random.nextInt(2)];
            cluster.ways().forEach(way -> way.halfOpen(direction));
            Harness.lasting(millis(random, 3_000, 15_000));
            cluster.ways().forEach(TcpProxy::restore);
        }
    },
    LATENCY("the way to NATS takes 300 ms") {
        @Override
        void happen(NatsCluster cluster, Random random) {
            cluster.ways().forEach(way -> way.delay(Duration.ofMillis(150)));
            Harness.lasting(millis(random, 3_000, 10_000));
            cluster.ways().forEach(TcpProxy::restore);
        }
    };

    private final String what;

    ClusterFault(String what) {
        this.what = what;
    }

    /** Runs the fault. Blocks until it is over. */
    abstract void happen(NatsCluster cluster, Random random);

    Scope scope() {
        return Scope.NATS;
    }

    /**
     * Runs the fault in a scenario. Service must recover within {@code limit}. Waits until all replicas are current.
     */
    final void strike(Harness harness, Duration limit) {
        NatsCluster cluster = harness.cluster();
        harness.fault(scope(), what, () -> happen(cluster, harness.random()), () -> {}, limit);
        cluster.awaitCurrent(Harness.STREAM);
    }

    private static void killed(NatsCluster cluster, String name, Duration away) {
        NatsServer server = cluster.server(name);
        server.kill();
        Harness.lasting(away);
        server.start();
    }

    private static void frozen(NatsServer server, Duration length) {
        server.freeze();
        Harness.lasting(length);
        server.thaw();
    }

    private static String connected(NatsCluster cluster, Random random) {
        List<String> connected = cluster.connected();
        return connected.isEmpty() ? any(cluster.names(), random) : any(connected, random);
    }

    private static String any(List<String> names, Random random) {
        return names.get(random.nextInt(names.size()));
    }

    private static Duration millis(Random random, int from, int to) {
        return Duration.ofMillis(from + random.nextInt(to - from));
    }
}
