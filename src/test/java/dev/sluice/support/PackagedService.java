package dev.sluice.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The packaged service in its own process with the production profile. Its ports stay the same across restarts. */
public final class PackagedService implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = FreePorts.next();
    private final int managementPort = FreePorts.next();
    private final Map<String, String> environment;
    private final Path log;
    private Process process;

    /** Starts {@code jar}. Keys that are not in {@code environment} have their defaults. */
    public PackagedService(Path jar, Path log, Map<String, String> environment) {
        this.log = log;
        this.environment = Map.copyOf(environment);
        start(jar);
    }

    /** Starts the jar of this build in open mode on {@code server}, logging into {@code folder}, and awaits readiness. */
    public static PackagedService ready(NatsServer server, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PackagedService service = new PackagedService(
                jar(),
                folder.resolve("sluice.log"),
                Map.of(
                        "SLUICE_NATS_SERVERS", server.url(),
                        "SLUICE_ACCESS_MODE", "open",
                        "SLUICE_ACCESS_TOKEN_SECRET", "a secret of thirty-two bytes or more"));
        service.awaitReady();
        return service;
    }

    /** Returns the jar of this build. */
    public static Path jar() {
        return Path.of(System.getProperty("sluice.jar"));
    }

    public void start(Path jar) {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.port=" + managementPort,
                        "-jar",
                        jar.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public URI management(String path) {
        return URI.create("http://127.0.0.1:" + managementPort + path);
    }

    public boolean ready() {
        try {
            return http.send(
                                    HttpRequest.newBuilder(management("/q/health/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public void awaitReady() {
        Awaitility.await().atMost(Timeouts.LIMIT).until(this::ready);
    }

    /** Stops the process (SIGTERM) and waits for its end. */
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("still running; its log: " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGTERM and returns immediately. */
    public void terminate() {
        process.destroy();
    }

    /** Kills the process (SIGKILL) and waits for its end. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    public boolean alive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Returns the log file, which covers all starts. */
    public Path log() {
        return log;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
