package dev.sluice.support;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A way through TCP that fails on demand: it delays, cuts, cuts in the middle of a message, holds everything up for a
 * while, forgets its connections as a firewall does, or carries one direction only. A connection that was forgotten stays
 * dead after {@link #restore()}: nobody reads from it and nobody closes it.
 */
public final class TcpProxy implements AutoCloseable {
    /** What one connection may have waiting in a delay, in bytes; beyond it the sender is not read. */
    private static final int MOST_DELAYED = 4 << 20;

    private final NetServer server;
    private final NetClient client = vertx().createNetClient();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    private final int target;
    private volatile Duration delay = Duration.ZERO;
    private volatile Set<Direction> dead = Set.of();
    private volatile boolean held;
    private volatile boolean refusing;
    private volatile double cutChance;
    private volatile Random random = new Random(0);

    /** As seen from the side that connects. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    private TcpProxy(int target, int port) {
        this.target = target;
        server = vertx().createNetServer().connectHandler(this::accept);
        join(done -> server.listen(port, "127.0.0.1").onComplete(listening -> {
            if (listening.succeeded()) {
                done.countDown();
            }
        }));
    }

    /** Listens on a free port of its own for connections to {@code target}, a port of this machine. */
    public static TcpProxy to(int target) {
        return new TcpProxy(target, 0);
    }

    /** As {@link #to(int)}, on a port that is known before. */
    public static TcpProxy to(int target, int port) {
        return new TcpProxy(target, port);
    }

    public int port() {
        return server.actualPort();
    }

    /** Open connections, dead ones included. */
    public int connections() {
        return links.size();
    }

    /** Connections that pass bytes. */
    public long living() {
        return links.stream().filter(link -> link.dead.isEmpty()).count();
    }

    /** Connections taken so far. */
    public long accepted() {
        return accepted.get();
    }

    /** From now on every byte arrives {@code each} later, in each direction. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Closes every connection; new ones are taken. */
    public void cut() {
        links.forEach(Link::close);
    }

    /**
     * Closes every present connection after {@code bytes} more in {@code direction}: in the middle of a message, if the
     * number is not chosen with care.
     */
    public void cutAfter(Direction direction, long bytes) {
        links.forEach(link -> link.cutAfter(direction, bytes));
    }

    /** Closes what is there and every new connection at once, until {@link #restore()}: the host is gone. */
    public void refuse() {
        refusing = true;
        cut();
    }

    /** Nothing passes until {@link #release()}; then everything goes on where it was, nothing lost. */
    public void hold() {
        held = true;
        links.forEach(Link::update);
    }

    public void release() {
        held = false;
        links.forEach(Link::update);
    }

    /** Present and new connections stay open, pass nothing and are dead for ever, until {@link #restore()}. */
    public void blackHole() {
        kill(Set.of(Direction.values()));
    }

    /** As {@link #blackHole()}, of one direction. */
    public void halfOpen(Direction direction) {
        kill(Set.of(direction));
    }

    /** Ends the effect of the others on new connections; those that died stay dead. */
    public void restore() {
        dead = Set.of();
        refusing = false;
        cutChance = 0;
        delay = Duration.ZERO;
        release();
    }

    /** With a probability of {@code chance} a new connection is cut after a few bytes or a few hundred thousand. */
    public void cutSome(double chance, long seed) {
        random = new Random(seed);
        cutChance = chance;
    }

    @Override
    public void close() {
        join(done -> server.close().onComplete(closed -> done.countDown()));
        cut();
        client.close();
    }

    private void kill(Set<Direction> directions) {
        dead = directions;
        links.forEach(link -> link.die(directions));
    }

    private void accept(NetSocket front) {
        accepted.incrementAndGet();
        front.pause();
        if (refusing) {
            front.close();
            return;
        }
        Set<Direction> fromTheStart = dead;
        if (fromTheStart.size() == Direction.values().length) {
            links.add(new Link(front, null, fromTheStart));
            return;
        }
        client.connect(target, "127.0.0.1")
                .onSuccess(back -> {
                    back.pause();
                    Link link = new Link(front, back, fromTheStart);
                    links.add(link);
                    link.begin();
                })
                .onFailure(unreachable -> front.close());
    }

    /** Of all proxies of this JVM: a few threads, which end with it. */
    static Vertx vertx() {
        return Shared.VERTX;
    }

    static void join(Consumer<CountDownLatch> action) {
        CountDownLatch done = new CountDownLatch(1);
        action.accept(done);
        try {
            if (!done.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The proxy's port is not to be had");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A connection and its continuation; without one where it fell into the hole at once. */
    private final class Link {
        private final NetSocket front;
        private final NetSocket back;
        private final Pipe toServer;
        private final Pipe toClient;
        private volatile Set<Direction> dead;

        Link(NetSocket front, NetSocket back, Set<Direction> dead) {
            this.front = front;
            this.back = back;
            this.dead = dead;
            toServer = back == null ? null : new Pipe(this, front, back, Direction.TO_SERVER);
            toClient = back == null ? null : new Pipe(this, back, front, Direction.TO_CLIENT);
        }

        void begin() {
            if (cutChance > 0 && random.nextDouble() < cutChance) {
                long most = 1L << (4 + random.nextInt(15));
                pipe(Direction.values()[random.nextInt(2)]).cutAfter(1 + random.nextInt((int) most));
            }
            toServer.begin();
            toClient.begin();
        }

        Pipe pipe(Direction direction) {
            return direction == Direction.TO_SERVER ? toServer : toClient;
        }

        /** One that fell into the hole at once carries nothing to be cut in. */
        void cutAfter(Direction direction, long bytes) {
            if (back != null) {
                pipe(direction).cutAfter(bytes);
            }
        }

        void die(Set<Direction> directions) {
            dead = directions;
            update();
        }

        void update() {
            if (back != null) {
                toServer.update();
                toClient.update();
            }
        }

        void close() {
            links.remove(this);
            front.close();
            if (back != null) {
                back.close();
            }
        }
    }

    /** One direction of one connection. Both sockets, and so all of it, are on one event loop. */
    private final class Pipe {
        private final Link link;
        private final NetSocket from;
        private final NetSocket to;
        private final Direction direction;
        private final Context context;
        private final Deque<Delayed> waiting = new ArrayDeque<>();
        private int waitingBytes;
        private long left = Long.MAX_VALUE;
        private boolean timer;
        private boolean ended;

        Pipe(Link link, NetSocket from, NetSocket to, Direction direction) {
            this.link = link;
            this.from = from;
            this.to = to;
            this.direction = direction;
            context = vertx().getOrCreateContext();
        }

        void begin() {
            from.handler(this::arrived);
            from.closeHandler(gone -> end());
            from.exceptionHandler(broken -> end());
            update();
        }

        void cutAfter(long bytes) {
            context.runOnContext(now -> left = bytes);
        }

        void update() {
            context.runOnContext(now -> {
                flush();
                readOrNot();
            });
        }

        private void arrived(Buffer bytes) {
            waiting.add(new Delayed(bytes, System.nanoTime() + delay.toNanos()));
            waitingBytes += bytes.length();
            flush();
            readOrNot();
        }

        /** What is delayed still arrives. */
        private void end() {
            ended = true;
            flush();
        }

        private boolean stopped() {
            return held || link.dead.contains(direction);
        }

        private void readOrNot() {
            if (stopped() || waitingBytes > MOST_DELAYED || to.writeQueueFull()) {
                from.pause();
                if (to.writeQueueFull()) {
                    to.drainHandler(drained -> update());
                }
            } else {
                from.resume();
            }
        }

        private void flush() {
            while (!stopped() && !waiting.isEmpty()) {
                long early = waiting.peek().due() - System.nanoTime();
                if (early > 0) {
                    flushIn(Math.max(1, TimeUnit.NANOSECONDS.toMillis(early)));
                    return;
                }
                Buffer bytes = waiting.remove().bytes();
                waitingBytes -= bytes.length();
                if (bytes.length() >= left) {
                    to.write(bytes.getBuffer(0, (int) left)).onComplete(written -> link.close());
                    return;
                }
                left -= left == Long.MAX_VALUE ? 0 : bytes.length();
                to.write(bytes);
            }
            if (ended) {
                link.close();
            }
        }

        private void flushIn(long millis) {
            if (!timer) {
                timer = true;
                vertx().setTimer(
                                millis,
                                id -> context.runOnContext(now -> {
                                    timer = false;
                                    flush();
                                    readOrNot();
                                }));
            }
        }
    }

    private record Delayed(Buffer bytes, long due) {}

    private static final class Shared {
        static final Vertx VERTX =
                Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));
    }
}
