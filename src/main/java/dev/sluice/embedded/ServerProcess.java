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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * One run of a nats-server process, from launch to end.
 *
 * <p>On POSIX the server runs under a small shell script whose standard input is a pipe from this process. The pipe
 * ends when this process closes it or dies for any reason. The script then stops the server with SIGTERM, and with
 * SIGKILL after the grace period. A regular stop and the death of this process thus take the same path. If
 * {@code setsid} exists, the script and the server have their own session. Signals to this process and its group, such
 * as Ctrl-C in a terminal, then do not reach them directly: they stop only after the service has drained. On other
 * systems the server is a plain child process: {@link #stop} ends it, but it survives if this process is killed.
 */
final class ServerProcess {
    private static final Logger LOG = Logger.getLogger(ServerProcess.class);

    private static final String OWN_SESSION = """
            if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
            exec "$@"
            """;

    /** $1: seconds between SIGTERM and SIGKILL; the remaining arguments: the server and its arguments. */
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
     * Launches {@code binary} on 127.0.0.1 with JetStream in {@code folder}.
     *
     * @param port the port to listen on; 0: the server selects a free port
     * @param grace the time between SIGTERM and SIGKILL, in whole seconds
     */
    static ServerProcess launch(Path binary, Path folder, int port, Duration grace)
            throws IOException, InterruptedException {
        Path portsFolder = Files.createDirectories(folder.resolve("ports"));
        awaitEarlierServers(binary.toRealPath(), portsFolder, grace.plus(AFTER_KILL));
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

    /** Waits until the server accepts clients. Stops the server if that fails. */
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

    /** Waits until the server and its watchdog have ended and their remaining output is in the log. */
    int awaitExit() throws InterruptedException {
        int code = process.waitFor();
        stop();
        return code;
    }

    /**
     * Stops the server and waits for at most the grace period plus a few seconds. Idempotent; may be called at any
     * time.
     */
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

    /**
     * Waits until no server of this binary runs that has announced its ports in this folder. A server outlives a killed
     * parent for the grace period, and two servers on one folder would corrupt it.
     */
    private static void awaitEarlierServers(Path binary, Path portsFolder, Duration timeout)
            throws IOException, InterruptedException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(portsFolder)) {
            for (Path file : files) {
                Matcher name = PORTS_FILE.matcher(file.getFileName().toString());
                if (name.matches()) {
                    awaitEnd(binary, Long.parseLong(name.group(1)), timeout);
                }
            }
        }
    }

    private static void awaitEnd(Path binary, long pid, Duration timeout) throws IOException, InterruptedException {
        Optional<ProcessHandle> earlier = ProcessHandle.of(pid).filter(process -> runs(process, binary));
        if (earlier.isPresent()) {
            LOG.infof("Waiting for the end of an earlier nats-server (process %d) on this data folder", pid);
            try {
                earlier.get().onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                throw new IOException("an earlier nats-server (process " + pid + ") still uses this data folder", e);
            }
        }
    }

    /** The file may be of a server that is long gone, and its number that of another process. */
    private static boolean runs(ProcessHandle process, Path binary) {
        return process.info()
                .command()
                .map(Path::of)
                .filter(command -> binary.getFileName().equals(command.getFileName()))
                .isPresent();
    }

    private static void clear(Path portsFolder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(portsFolder, "*.ports")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /** The port on 127.0.0.1 and the process id of a ready server. */
    record Address(int port, long pid) {}
}
