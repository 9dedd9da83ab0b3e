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
 * A TCP proxy with faults on demand: it delays data, cuts connections (also within a message), holds all data for a
 * time, forgets its connections like a firewall, or carries only one direction. A forgotten connection stays dead after
 * {@link #restore()}: it is neither read nor closed.
 */
public final class TcpProxy implements AutoCloseable {
    /**
     * Maximum number of delayed bytes of one direction of a connection. Beyond it the proxy does not read from the
     * sender.
     */
    private static final int MAX_DELAYED = 4 << 20;

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

    /** Direction as seen from the connecting side. */
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

    /** Listens on a free port for connections to the local port {@code target}. */
    public static TcpProxy to(int target) {
        return new TcpProxy(target, 0);
    }

    /** Like {@link #to(int)}, on a given port. */
    public static TcpProxy to(int target, int port) {
        return new TcpProxy(target, port);
    }

    public int port() {
        return server.actualPort();
    }

    /** Returns the number of open connections, including dead ones. */
    public int connections() {
        return links.size();
    }

    /** Returns the number of connections that carry data. */
    public long living() {
        return links.stream().filter(link -> link.dead.isEmpty()).count();
    }

    /** Returns the number of accepted connections. */
    public long accepted() {
        return accepted.get();
    }

    /** Delays all data from now on by {@code each} in each direction. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Closes every connection. New ones are accepted. */
    public void cut() {
        links.forEach(Link::close);
    }

    /** Closes every open connection after {@code bytes} more in {@code direction}, usually within a message. */
    public void cutAfter(Direction direction, long bytes) {
        links.forEach(link -> link.cutAfter(direction, bytes));
    }

    /** Closes open connections and refuses new ones until {@link #restore()}, like a missing host. */
    public void refuse() {
        refusing = true;
        cut();
    }

    /** Holds all data until {@link #release()}. Nothing is lost. */
    public void hold() {
        held = true;
        links.forEach(Link::update);
    }

    public void release() {
        held = false;
        links.forEach(Link::update);
    }

    /** Open and new connections carry no data and stay dead. {@link #restore()} affects only later connections. */
    public void blackHole() {
        kill(Set.of(Direction.values()));
    }

    /** Like {@link #blackHole()}, for one direction. */
    public void halfOpen(Direction direction) {
        kill(Set.of(direction));
    }

    /** Ends all faults for new connections. Dead connections stay dead. */
    public void restore() {
        dead = Set.of();
        refusing = false;
        cutChance = 0;
        delay = Duration.ZERO;
        release();
    }

    /** Cuts new connections with probability {@code chance}, after between one and some hundred thousand bytes. */
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

    /** Returns the instance that all proxies of this JVM share. It has a few daemon threads. */
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

    /** A connection and its back-end connection. A connection that was accepted into a black hole has no back end. */
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

        /** Has no effect without a back end, because no data passes. */
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

    /** One direction of one connection. Both sockets are on the same event loop. */
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

        /** Delayed data is still delivered. */
        private void end() {
            ended = true;
            flush();
        }

        private boolean stopped() {
            return held || link.dead.contains(direction);
        }

        private void readOrNot() {
            if (stopped() || waitingBytes > MAX_DELAYED || to.writeQueueFull()) {
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
