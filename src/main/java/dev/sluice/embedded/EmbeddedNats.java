package dev.sluice.embedded;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * A running nats-server with JetStream, as a child of this process, for development, tests and the first run: it listens
 * on 127.0.0.1 only, comes back on the same port with the same data when it is killed, and ends with this process,
 * however that ends. One thread owns the child from start to close; all methods may be called from any thread.
 */
public final class EmbeddedNats implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedNats.class);
    private static final byte[] IPV4_LOOPBACK = {127, 0, 0, 1};

    private final EmbeddedConfig config;
    private final Path binary;
    private final DataFolder data;
    private final int port;
    private final AtomicLong restarts = new AtomicLong();
    private final Thread supervisor;
    private volatile long pid;

    private EmbeddedNats(EmbeddedConfig config, Path binary, DataFolder data) throws IOException, InterruptedException {
        this.config = config;
        this.binary = binary;
        this.data = data;
        ServerProcess first = launch(config.port());
        ServerProcess.Address address = first.awaitReady(config.startTimeout());
        port = address.port();
        pid = address.pid();
        supervisor = new Thread(() -> supervise(first), "nats-server supervisor");
        supervisor.setDaemon(true);
        supervisor.start();
        LOG.infof("The embedded nats-server is ready on %s, data in %s", url(), data.path());
    }

    /**
     * Finds a nats-server, starts it and waits until it accepts clients. Blocks: at the most for the downloads and {@link
     * EmbeddedConfig#startTimeout}.
     *
     * @throws SluiceException {@link Failure#UNAVAILABLE}: none was found, the port or data folder is taken, or it does
     *     not start; the message says which, and what to do
     */
    public static EmbeddedNats start(EmbeddedConfig config) {
        checkPort(config.port());
        Path binary = BinaryFinder.find(config);
        DataFolder data = open(config);
        try {
            return new EmbeddedNats(config, binary, data);
        } catch (IOException e) {
            data.close();
            throw Failure.UNAVAILABLE.because("cannot start " + binary + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            data.close();
            Thread.currentThread().interrupt();
            throw Failure.UNAVAILABLE.because("interrupted while starting the embedded nats-server", e);
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /** {@code nats://127.0.0.1:port}, the same for as long as this runs. */
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** How often the server has been brought back after it ended by itself or was killed. */
    public long restarts() {
        return restarts.get();
    }

    /** Ends the server and waits for it, {@link EmbeddedConfig#stopTimeout} and a little more at most. */
    @Override
    public void close() {
        supervisor.interrupt();
        try {
            supervisor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The process id of the server's latest run. */
    long pid() {
        return pid;
    }

    private void supervise(ServerProcess first) {
        RestartDelay delay = new RestartDelay();
        ServerProcess server = first;
        try {
            while (true) {
                long since = System.nanoTime();
                int code = server.awaitExit();
                LOG.warnf("The embedded nats-server ended (exit code %d); bringing it back on port %d", code, port);
                server = bringBack(delay, Duration.ofNanos(System.nanoTime() - since));
                LOG.warnf("The embedded nats-server is back on %s (restart %d)", url(), restarts.incrementAndGet());
            }
        } catch (InterruptedException closing) {
            LOG.debug("Closing the embedded nats-server");
        } finally {
            server.stop();
            data.close();
        }
    }

    private ServerProcess bringBack(RestartDelay delay, Duration ran) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(delay.after(ran).toMillis());
        while (true) {
            try {
                ServerProcess server = launch(port);
                pid = server.awaitReady(config.startTimeout()).pid();
                return server;
            } catch (IOException | SluiceException e) {
                Duration pause = delay.after(Duration.ZERO);
                LOG.errorf("Cannot bring the embedded nats-server back: %s; next try in %s", e.getMessage(), pause);
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            }
        }
    }

    private ServerProcess launch(int onPort) throws IOException {
        return ServerProcess.launch(binary, data.path(), onPort, config.stopTimeout());
    }

    private static DataFolder open(EmbeddedConfig config) {
        try {
            return DataFolder.open(config);
        } catch (IOException e) {
            throw Failure.UNAVAILABLE.because("cannot use the data folder of the embedded nats-server: " + e, e);
        }
    }

    /** Tells a taken port apart before anything is fetched or started; the server takes a free one (0) by itself. */
    private static void checkPort(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByAddress(IPV4_LOOPBACK), port));
        } catch (BindException e) {
            throw Failure.UNAVAILABLE.because(
                    "sluice.embedded.port " + port
                            + " is taken; stop what listens there, or leave the key out for a free port",
                    e);
        } catch (IOException e) {
            throw Failure.UNAVAILABLE.because("cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
    }
}
