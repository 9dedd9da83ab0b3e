package dev.sluice.support;

import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A layer 4 load balancer that distributes connections round-robin. An instance that is not ready, does not respond in
 * time or refuses a connection gets no new connections; open ones stay open. If no instance is ready, all get
 * connections, so that clients receive an error response from an instance.
 */
public final class TcpBalancer implements AutoCloseable {
    private static final int PROBE_MILLIS = 200;
    private static final int PROBE_TIMEOUT_MILLIS = 1_000;

    private final List<PackagedService> targets;
    private final Set<PackagedService> ready = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();
    private final NetServer server;
    private final NetClient client = TcpProxy.vertx().createNetClient();
    private final HttpClient probes = TcpProxy.vertx().createHttpClient();
    private final List<Long> timers;

    public TcpBalancer(List<PackagedService> targets) {
        this.targets = List.copyOf(targets);
        server = TcpProxy.vertx().createNetServer().connectHandler(this::accept);
        TcpProxy.join(done -> server.listen(0, "127.0.0.1").onSuccess(listening -> done.countDown()));
        timers = targets.stream().map(this::watch).toList();
    }

    public int port() {
        return server.actualPort();
    }

    /** Returns the instances that currently get connections. */
    public Set<PackagedService> ready() {
        return Set.copyOf(ready);
    }

    @Override
    public void close() {
        timers.forEach(TcpProxy.vertx()::cancelTimer);
        TcpProxy.join(done -> server.close().onComplete(closed -> done.countDown()));
        client.close();
        probes.close();
    }

    private long watch(PackagedService target) {
        AtomicBoolean asked = new AtomicBoolean();
        return TcpProxy.vertx().setPeriodic(1, PROBE_MILLIS, id -> {
            if (asked.compareAndSet(false, true)) {
                probes.request(HttpMethod.GET, target.management("/").getPort(), "127.0.0.1", "/q/health/ready")
                        .compose(request ->
                                request.setTimeout(PROBE_TIMEOUT_MILLIS).send())
                        .onComplete(answer -> {
                            asked.set(false);
                            if (answer.succeeded() && answer.result().statusCode() == 200) {
                                ready.add(target);
                            } else {
                                ready.remove(target);
                            }
                        });
            }
        });
    }

    private void accept(NetSocket front) {
        front.pause();
        List<PackagedService> best = targets.stream().filter(ready::contains).toList();
        List<PackagedService> candidates = best.isEmpty() ? targets : best;
        connect(front, candidates, candidates.size());
    }

    private void connect(NetSocket front, List<PackagedService> candidates, int attempts) {
        if (attempts == 0) {
            front.close();
            return;
        }
        PackagedService next = candidates.get(Math.floorMod(turn.getAndIncrement(), candidates.size()));
        client.connect(next.port(), "127.0.0.1")
                .onSuccess(back -> {
                    back.pause();
                    front.closeHandler(gone -> back.close());
                    back.closeHandler(gone -> front.close());
                    front.pipeTo(back);
                    back.pipeTo(front);
                })
                .onFailure(refused -> connect(front, candidates, attempts - 1));
    }
}
