package dev.sluice.reliability;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;

/** Many concurrent clients that send a request and then behave badly: they read little or nothing, or disconnect. */
final class Crowd implements AutoCloseable {
    /** Behavior of a client after it has received the response head. */
    enum Habit {
        READS,
        READS_LITTLE,
        READS_NOTHING,
        VANISHES
    }

    private static final int SIP_BYTES = 2_048;
    private static final int SIP_MILLIS = 1_000;
    private static final int MAX_LIFE_MILLIS = 10_000;
    private static final int ATTEMPTS_AT_ONCE = 50;

    private final NetClient client = Caller.vertx()
            .createNetClient(new NetClientOptions().setReceiveBufferSize(4_096).setConnectTimeout(20_000));
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<Integer, LongAdder> statuses = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger attempts = new AtomicInteger();
    private final LongAdder bytes = new LongAdder();
    private final int port;
    private final Random random;
    private volatile boolean over;

    Crowd(int port, long seed) {
        this.port = port;
        random = new Random(seed);
    }

    /**
     * Connects {@code size} clients, at most 50 at a time, and returns after each has received its response head.
     *
     * @param request the request of each client, by the client's number
     */
    Crowd join(int size, IntFunction<String> request, IntFunction<Habit> habit) {
        int before = answered.get();
        for (int i = 0; i < size; i++) {
            int number = i;
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> attempts.get() < ATTEMPTS_AT_ONCE);
            connect(request.apply(number), habit.apply(number));
        }
        Awaitility.await("the answers to a crowd")
                .atMost(Duration.ofMinutes(2))
                .until(() -> answered.get() >= before + size);
        return this;
    }

    /** Returns the number of responses by status. Status 0 counts the connections that broke before a response. */
    Map<Integer, Long> statuses() {
        Map<Integer, Long> sorted = new TreeMap<>();
        statuses.forEach((status, count) -> sorted.put(status, count.sum()));
        return sorted;
    }

    int open() {
        return sockets.size();
    }

    long bytes() {
        return bytes.sum();
    }

    /** Closes all connections at once. */
    void leave() {
        over = true;
        sockets.forEach(NetSocket::close);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(sockets::isEmpty);
    }

    @Override
    public void close() {
        leave();
        client.close();
    }

    private void connect(String request, Habit habit) {
        attempts.incrementAndGet();
        Future<NetSocket> connecting = client.connect(port, "127.0.0.1");
        connecting.onFailure(refused -> answered(0)).onSuccess(socket -> {
            sockets.add(socket);
            boolean[] head = {false};
            socket.handler(chunk -> {
                bytes.add(chunk.length());
                if (!head[0]) {
                    head[0] = true;
                    answered(status(chunk));
                    behave(socket, request, habit);
                } else if (habit == Habit.READS_LITTLE) {
                    sip(socket);
                }
            });
            socket.closeHandler(gone -> {
                sockets.remove(socket);
                if (!head[0]) {
                    head[0] = true;
                    answered(0);
                }
            });
            socket.exceptionHandler(broken -> socket.close());
            socket.write(request);
        });
    }

    private void answered(int status) {
        attempts.decrementAndGet();
        statuses.computeIfAbsent(status, any -> new LongAdder()).increment();
        answered.incrementAndGet();
    }

    private void behave(NetSocket socket, String request, Habit habit) {
        switch (habit) {
            case READS -> {}
            case READS_LITTLE -> sip(socket);
            case READS_NOTHING -> socket.pause();
            case VANISHES ->
                Caller.vertx().setTimer(1 + random.nextInt(MAX_LIFE_MILLIS), id -> {
                    socket.close();
                    if (!over) {
                        attempts.incrementAndGet();
                        connect(request, habit);
                        attempts.decrementAndGet();
                    }
                });
        }
    }

    /** Reads at most two chunks per second. */
    private void sip(NetSocket socket) {
        socket.pause();
        Caller.vertx().setTimer(SIP_MILLIS, id -> socket.fetch(SIP_BYTES / 1_024));
    }

    private static int status(Buffer head) {
        return head.length() > 12 ? Integer.parseInt(head.getString(9, 12)) : 0;
    }
}
