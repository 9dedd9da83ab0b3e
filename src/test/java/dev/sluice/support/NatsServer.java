package dev.sluice.support;

import dev.sluice.embedded.BinaryFinder;
import dev.sluice.embedded.EmbeddedConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real nats-server for one test, with its own port and JetStream folder. It can be killed and restarted. The system
 * property {@code nats.server} sets the binary; by default it is the one that Sluice finds.
 */
public final class NatsServer implements AutoCloseable {
    private final int port = FreePorts.next();
    private final Path home = temporaryFolder();
    private final List<String> command = new ArrayList<>();
    private final SmallDisk disk;
    private Process process;

    private NatsServer(String configuration, boolean jetStream, long diskBytes) {
        Path file = home.resolve("nats.conf");
        write(file, configuration);
        disk = diskBytes == 0 ? null : SmallDisk.on(store(), diskBytes);
        if (disk != null) {
            command.addAll(disk.entry());
        }
        command.addAll(List.of(binary(), "-a", "127.0.0.1", "-p", Integer.toString(port), "-c", file.toString()));
        if (jetStream) {
            command.addAll(List.of("-js", "-sd", store().toString()));
        }
        start();
    }

    public static NatsServer started() {
        return new NatsServer("", true, 0);
    }

    /**
     * Starts a server with additional nats-server {@code configuration}. Listener and JetStream folder are already set.
     */
    public static NatsServer started(String configuration) {
        return new NatsServer(configuration, true, 0);
    }

    /** Like {@link #started(String)}, with a separate disk for JetStream, which {@link #fillDisk} fills. */
    public static NatsServer startedOnDisk(long bytes, String configuration) {
        return new NatsServer(configuration, true, bytes);
    }

    public static NatsServer withoutJetStream() {
        return new NatsServer("", false, 0);
    }

    public static String binary() {
        String chosen = System.getProperty("nats.server", "");
        return chosen.isBlank() ? Found.BINARY : chosen;
    }

    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** Starts the server on the same port and folder and waits until it accepts connections. */
    public void start() {
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Timeouts.LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(this::accepts);
    }

    /** Kills the server (SIGKILL) without a flush or a notification. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /**
     * Freezes the server (SIGSTOP): connections stay open without responses. Returns after all threads have stopped.
     */
    public void freeze() {
        signal("-STOP");
        Awaitility.await().until(this::stopped);
    }

    /** The threads stop one after the other, which only Linux reports. */
    private boolean stopped() throws IOException {
        Path tasks = Path.of("/proc", Long.toString(process.pid()), "task");
        if (!Files.isDirectory(tasks)) {
            return true;
        }
        try (Stream<Path> threads = Files.list(tasks)) {
            return threads.allMatch(NatsServer::stopped);
        }
    }

    private static boolean stopped(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.startsWith("T", stat.lastIndexOf(')') + 2);
        } catch (IOException ended) {
            return true;
        }
    }

    public void thaw() {
        signal("-CONT");
    }

    /** Replaces the configuration and reloads it (SIGHUP). */
    public void reload(String configuration) {
        write(home.resolve("nats.conf"), configuration);
        signal("-HUP");
    }

    /** Starts lame duck mode (SIGUSR2). */
    public void lameDuck() {
        signal("-USR2");
    }

    /** Fills the disk of the store, except for the rest of a block, until {@link #freeDisk}. */
    public void fillDisk() {
        disk.fill();
    }

    public void freeDisk() {
        disk.free();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** Waits until the server has exited, for example after {@link #lameDuck()}. */
    public void awaitEnd(Duration limit) {
        Awaitility.await().atMost(limit).until(() -> !process.isAlive());
    }

    /** Returns the log file, which covers all starts. */
    public Path log() {
        return home.resolve("nats.log");
    }

    /** Returns the JetStream folder. */
    public Path store() {
        return home.resolve("js");
    }

    /** Kills the server, even if frozen, and deletes its files. */
    @Override
    public void close() {
        kill();
        if (disk != null) {
            disk.close();
        }
        if (!Files.exists(home)) {
            return;
        }
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String signal) {
        try {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
            return socket.getInputStream().read() == 'I';
        } catch (IOException e) {
            return false;
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("sluice-nats");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Finds the binary once, and only if none is configured. If the machine has no nats-server, this downloads one. */
    private static final class Found {
        static final String BINARY =
                BinaryFinder.find(Settings.of(EmbeddedConfig.class, Map.of())).toString();
    }
}
