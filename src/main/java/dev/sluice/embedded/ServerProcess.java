package dev.sluice.embedded;

import dev.sluice.failure.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * One run of a nats-server, from launch to end.
 *
 * <p>On POSIX it runs under a small shell script whose standard input is a pipe from this process. The pipe ends when it
 * is closed and when this process dies, however that happens; the script then ends the server, by SIGTERM and at last by
 * SIGKILL. Stopping the server is therefore the same act as dying. Where {@code setsid} exists both get a session of
 * their own, so that what is meant for this process and its group, a Ctrl-C at the terminal above all, reaches them only
 * through it, after the service has drained.
 * Elsewhere the server is a plain child, which {@link #stop} ends and a killed parent leaves behind.
 */
final class ServerProcess {
    private static final Logger LOG = Logger.getLogger(ServerProcess.class);

    private static final String OWN_SESSION = """
            if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
            exec "$@"
            """;

    /** $1: seconds between SIGTERM and SIGKILL; the rest: the server and its arguments. */
    private static final String WATCHDOG = """
            grace=$1; shift
            trap '' INT HUP TERM
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            {
              while read -r _; do :; done
              kill -TERM $server
              while [ $grace -gt 0 ] && kill -0 $server; do sleep 1; grace=$((grace - 1)); done
              kill -KILL $server
            } <&3 >/dev/null 2>&1 3<&- &
            guard=$!
            exec 3<&-
            wait $server
            code=$?
            kill -KILL $guard 2>/dev/null
            exit $code
            """;

    private static final Pattern PORTS = Pattern.compile("\"nats\":\\[\"nats://127\\.0\\.0\\.1:(\\d+)\"");
    private static final Pattern PORTS_FILE = Pattern.compile(".*_(\\d+)\\.ports");
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration AFTER_KILL = Duration.ofSeconds(3);

    private final Process process;
    private final Path portsFolder;
    private final Duration grace;
    private final ServerLog log;
    private final Thread reader;

    private ServerProcess(Process process, Path portsFolder, Duration grace) {
        this.process = process;
        this.portsFolder = portsFolder;
        this.grace = grace;
        log = new ServerLog(process.getInputStream());
        reader = new Thread(log, "nats-server output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Launches {@code binary} on 127.0.0.1 with JetStream in {@code folder}; {@code port} 0 leaves the choice to the
     * server. {@code grace}: between SIGTERM and SIGKILL, whole seconds.
     */
    static ServerProcess launch(Path binary, Path folder, int port, Duration grace) throws IOException {
        Path portsFolder = Files.createDirectories(folder.resolve("ports"));
        clear(portsFolder);
        List<String> command = new ArrayList<>();
        if (Platform.POSIX) {
            command.addAll(List.of("sh", "-c", OWN_SESSION, "nats-server-session"));
            command.addAll(List.of("sh", "-c", WATCHDOG, "nats-server-watchdog", Long.toString(grace.toSeconds())));
        }
        command.addAll(List.of(binary.toAbsolutePath().toString(), "--addr", "127.0.0.1"));
        command.addAll(
                List.of("--port", Integer.toString(port == 0 ? -1 : port), "--ports_file_dir", portsFolder.toString()));
        command.addAll(List.of("--jetstream", "--store_dir", folder.toString(), "--logtime=false"));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        return new ServerProcess(process, portsFolder, grace);
    }

    /** Waits until clients are accepted. Where that fails, the server is stopped. */
    Address awaitReady(Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            Optional<Address> address = address();
            while (address.isEmpty()) {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    reader.join(AFTER_KILL.toMillis());
                    throw Failure.UNAVAILABLE.because("the embedded nats-server ended with exit code "
                            + process.exitValue() + " while starting: " + log.lastComplaint());
                }
                if (System.nanoTime() - deadline > 0) {
                    throw Failure.UNAVAILABLE.because("the embedded nats-server was not ready within "
                            + timeout.toSeconds() + " s: " + log.lastComplaint());
                }
                address = address();
            }
            return address.get();
        } catch (IOException | InterruptedException | RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** Waits until the server and its watchdog are gone, and its last words are in the log. */
    int awaitExit() throws InterruptedException {
        int code = process.waitFor();
        stop();
        return code;
    }

    /** Ends the server and waits for it, at most the grace and a little more. May be called at any time, and again. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyBroken) {
            LOG.debugf("The pipe to the watchdog was broken: %s", alreadyBroken.getMessage());
        }
        if (!Platform.POSIX) {
            process.destroy();
        }
        boolean interrupted = Thread.interrupted();
        try {
            reader.join(grace.plus(AFTER_KILL).toMillis());
            process.waitFor(AFTER_KILL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Address> address() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(portsFolder)) {
            for (Path file : files) {
                Matcher name = PORTS_FILE.matcher(file.getFileName().toString());
                Matcher ports = PORTS.matcher(Files.readString(file));
                if (name.matches() && ports.find()) {
                    return Optional.of(new Address(Integer.parseInt(ports.group(1)), Long.parseLong(name.group(1))));
                }
            }
            return Optional.empty();
        }
    }

    private static void clear(Path portsFolder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(portsFolder, "*.ports")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /** Where a ready server listens on 127.0.0.1, and its process id. */
    record Address(int port, long pid) {}
}
