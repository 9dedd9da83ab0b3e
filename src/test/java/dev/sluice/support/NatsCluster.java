package dev.sluice.support;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three real servers that replicate streams between them; each can be killed and started again. */
public final class NatsCluster implements AutoCloseable {
    private static final int SIZE = 3;

    private final List<NatsServer> servers = new ArrayList<>();

    private NatsCluster() {
        List<Integer> ports =
                IntStream.range(0, SIZE).map(i -> NatsServer.freePort()).boxed().toList();
        String routes =
                ports.stream().map(port -> "\"nats://127.0.0.1:" + port + "\"").collect(Collectors.joining(", "));
        for (int i = 0; i < SIZE; i++) {
            servers.add(NatsServer.started("""
                    server_name: %s
                    cluster { name: test, listen: "127.0.0.1:%d", routes: [ %s ] }
                    """.formatted(name(i), ports.get(i), routes)));
        }
    }

    /** Started; the servers need a moment more to agree on who leads. */
    public static NatsCluster started() {
        return new NatsCluster();
    }

    /** Of all servers, comma-separated. */
    public String urls() {
        return servers.stream().map(NatsServer::url).collect(Collectors.joining(","));
    }

    /** @param name as the leader of a stream or consumer is called */
    public NatsServer server(String name) {
        return servers.get(IntStream.range(0, SIZE)
                .filter(i -> name(i).equals(name))
                .findFirst()
                .orElseThrow());
    }

    /** The other two. */
    public List<NatsServer> serversBut(String name) {
        return servers.stream().filter(server -> server != server(name)).toList();
    }

    private static String name(int index) {
        return "n" + index;
    }

    @Override
    public void close() {
        servers.forEach(NatsServer::close);
    }
}
