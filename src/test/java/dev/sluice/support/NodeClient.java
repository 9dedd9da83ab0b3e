package dev.sluice.support;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The official NATS client for JavaScript, in its own process. */
public final class NodeClient implements AutoCloseable {
    private static final Path SOURCES = Path.of("src/test/node");
    private static final Path FOLDER = Path.of("target/node");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SECONDS_TO_ANSWER = 30;
    private static boolean installed;

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private NodeClient(Process process) {
        this.process = process;
        questions = process.outputWriter();
        answers = process.inputReader();
    }

    /** Starts a client. Without Node.js and its packages the test is skipped, or fails with {@code -Dnode=required}. */
    public static NodeClient connected(NatsServer server) {
        Path folder = packages();
        try {
            NodeClient client = new NodeClient(new ProcessBuilder("node", "client.mjs", server.url())
                    .directory(folder.toFile())
                    .redirectError(Redirect.INHERIT)
                    .start());
            client.answer();
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the folder where the npm packages of the tests are installed. What is missing is as in {@link #connected}. */
    public static Path packages() {
        if (!onThePath("node") || !onThePath("npm")) {
            return missing("No node and npm on the PATH: install them, on Debian by apt-get install nodejs npm");
        }
        try {
            if (!installed && !install()) {
                return missing("npm install failed: " + Files.readString(FOLDER.resolve("npm.out")));
            }
            installed = true;
            return FOLDER;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs one operation in the client and waits for its result. */
    public JsonNode ask(String operation, Map<String, ?> arguments) {
        try {
            questions.write(JSON.writeValueAsString(
                    JSON.createObjectNode().put("op", operation).setAll(JSON.<ObjectNode>valueToTree(arguments))));
            questions.newLine();
            questions.flush();
            return answer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode answer() throws IOException {
        CompletableFuture<Void> timeout = CompletableFuture.runAsync(
                process::destroy, CompletableFuture.delayedExecutor(SECONDS_TO_ANSWER, TimeUnit.SECONDS));
        String line = answers.readLine();
        timeout.cancel(false);
        if (line == null) {
            throw new AssertionError("The JavaScript client has ended, or did not answer in time");
        }
        JsonNode answer = JSON.readTree(line);
        if (answer.has("error")) {
            throw new AssertionError(answer.get("error").asText());
        }
        return answer;
    }

    private static boolean install() throws IOException {
        Files.createDirectories(FOLDER);
        for (String name : new String[] {"package.json", "client.mjs"}) {
            Files.copy(SOURCES.resolve(name), FOLDER.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Process npm = new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("npm.out").toFile())
                .start();
        try {
            boolean ended = npm.waitFor(2, TimeUnit.MINUTES);
            npm.destroy();
            return ended && npm.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean onThePath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static Path missing(String missing) {
        if (System.getProperty("node", "optional").equals("required")) {
            throw new AssertionError(missing);
        }
        return abort(missing + "; clients of another language were not tested");
    }

    @Override
    public void close() {
        process.destroy();
    }
}
