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
 * A nats-server with JetStream that runs as a child process, for development, tests and the first run. It listens on
 * 127.0.0.1 only. If it is killed, it is restarted on the same port with the same data. On POSIX it stops when this
 * process ends, even if this process is killed. A supervisor thread owns the child process until close. Thread-safe.
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
     * Finds a nats-server, starts it and waits until it accepts clients. Blocks for at most the duration of the
     * downloads plus {@link EmbeddedConfig#startTimeout}.
     *
     * @throws SluiceException {@link Failure#UNAVAILABLE} if no nats-server is found, the port or the data folder is in
     *     use, or the server does not start; the message contains the reason and the remedy
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

    /** Returns {@code nats://127.0.0.1:port}. The URL does not change while this instance runs. */
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** Returns how many times the server has been restarted after it stopped or was killed. */
    public long restarts() {
        return restarts.get();
    }

    /**
     * Stops the server and waits until it has ended, for at most {@link EmbeddedConfig#stopTimeout} plus a few seconds.
     */
    @Override
    public void close() {
        supervisor.interrupt();
        try {
            supervisor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the process id of the current or most recent server process. */
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
                LOG.warnf("The embedded nats-server ended (exit code %d); restarting it on port %d", code, port);
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
                LOG.errorf("Cannot restart the embedded nats-server: %s; next attempt in %s", e.getMessage(), pause);
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            }
        }
    }

    private ServerProcess launch(int onPort) throws IOException, InterruptedException {
        return ServerProcess.launch(binary, data.path(), onPort, config.stopTimeout());
    }

    private static DataFolder open(EmbeddedConfig config) {
        try {
            return DataFolder.open(config);
        } catch (IOException e) {
            throw Failure.UNAVAILABLE.because("cannot use the data folder of the embedded nats-server: " + e, e);
        }
    }

    /**
     * Reports a port in use before anything is downloaded or started. Port 0 always passes: the server then selects a
     * free port.
     */
    private static void checkPort(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByAddress(IPV4_LOOPBACK), port));
        } catch (BindException e) {
            throw Failure.UNAVAILABLE.because(
                    "sluice.embedded.port " + port
                            + " is taken; stop the process that listens on it, or unset the key to use a free port",
                    e);
        } catch (IOException e) {
            throw Failure.UNAVAILABLE.because("cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
    }
}
