package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs the examples of a page in one shell, as a reader would: variables and files of earlier examples are available to
 * later ones. Examples that stay open run in the background.
 */
final class ExampleShell implements AutoCloseable {
    private static final String DOCUMENTED = "http://localhost:8080";
    private static final Duration SOON = Duration.ofSeconds(15);
    /**
     * A curl with a time limit that ends its output with a newline. {@code $options} is {@code -f} where an HTTP error
     * must fail the example.
     */
    private static final String CURL =
            "curl() { command curl -sS --max-time 60 $options \"$@\"; local code=$?; echo; return $code; }\n";

    private final Path folder;
    private final String service;
    private final Process bash;
    private final Writer commands;
    private final BufferedReader results;
    private final Map<String, String> replacements = new LinkedHashMap<>();

    /** @param service the address of the service, which replaces the documented address */
    ExampleShell(Path folder, String service) {
        this.folder = folder;
        this.service = service.replaceAll("/$", "");
        try {
            ProcessBuilder builder = new ProcessBuilder("bash", "--norc", "-s")
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("shell.err").toFile()));
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("SLUICE_") || name.startsWith("QUARKUS_OIDC_"));
            bash = builder.start();
            commands = bash.outputWriter();
            results = bash.inputReader();
            commands.write(CURL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces {@code documented} in the examples by {@code actual}, as the address of the service. */
    ExampleShell replacing(String documented, String actual) {
        replacements.put(documented, actual);
        return this;
    }

    /** Returns whether no command of an example runs any more, in the background either. */
    boolean idle() {
        return bash.descendants().findAny().isEmpty();
    }

    static boolean has(String command) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    /** Runs an example to completion and compares its output with the documented answer. */
    void run(Example example) {
        example.files().forEach(this::write);
        Optional<DocumentedAnswer> answer = example.answer().map(DocumentedAnswer::new);
        if (answer.isEmpty()) {
            assertThat(execute(example, "-f"))
                    .as("exit code; it printed:%n%s", output(example))
                    .isZero();
        } else if (example.onlyReads()) {
            await().atMost(SOON).untilAsserted(() -> {
                execute(example, "");
                assertShown(answer.get().missingIn(output(example)), example);
            });
        } else {
            execute(example, "");
            assertShown(answer.get().missingIn(output(example)), example);
        }
    }

    /** Starts an example that stays open and waits for the first part of its documented answer. */
    void start(Example example) {
        example.files().forEach(this::write);
        save(example);
        send("( options=; . ./" + example.line() + ".sh ) >" + example.line() + ".out 2>&1 </dev/null & echo 0");
        example.answer().map(DocumentedAnswer::new).ifPresent(answer -> await().atMost(SOON)
                .untilAsserted(() -> assertShown(answer.beginningMissingIn(output(example)), example)));
    }

    /** Waits until a started example has printed its complete documented answer. */
    void awaitShown(Example example) {
        DocumentedAnswer answer = new DocumentedAnswer(example.answer().orElse(""));
        await().atMost(SOON).untilAsserted(() -> assertShown(answer.missingIn(output(example)), example));
        if (example.exact()) {
            assertThat(output(example)).isEqualTo(example.answer().orElse(""));
        }
    }

    private int execute(Example example, String options) {
        save(example);
        return send("options=" + options + "; . ./" + example.line() + ".sh >" + example.line()
                + ".out 2>&1 </dev/null; echo $?");
    }

    private void assertShown(Optional<String> missing, Example example) {
        assertThat(missing)
                .as("shown in the page, and missing in:%n%s", output(example))
                .isEmpty();
    }

    private int send(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
            String result = results.readLine();
            if (result == null) {
                throw new AssertionError("The shell has ended: " + Files.readString(folder.resolve("shell.err")));
            }
            return Integer.parseInt(result);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void save(Example example) {
        write(example.line() + ".sh", example.script());
    }

    private void write(String name, String text) {
        String actual = text.replace(DOCUMENTED, service);
        for (Map.Entry<String, String> replacement : replacements.entrySet()) {
            actual = actual.replace(replacement.getKey(), replacement.getValue());
        }
        try {
            Files.writeString(folder.resolve(name), actual);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String output(Example example) {
        try {
            Path file = folder.resolve(example.line() + ".out");
            return Files.exists(file) ? Files.readString(file).replace(service, DOCUMENTED) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        bash.descendants().forEach(ProcessHandle::destroy);
        bash.destroy();
    }
}
