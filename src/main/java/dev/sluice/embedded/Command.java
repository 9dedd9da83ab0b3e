package dev.sluice.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The exit code and the first part of the output (16 KiB) of a completed, short-lived process. */
record Command(int exitCode, String output) {
    private static final int OUTPUT_LIMIT_BYTES = 16 * 1024;

    /**
     * Runs {@code command}. If it exceeds {@code timeout}, kills it and its children and throws {@code IOException}.
     */
    static Command run(Duration timeout, String... command) throws IOException, InterruptedException {
        return runIn(Path.of("").toAbsolutePath(), timeout, List.of(command));
    }

    /** Same as {@link #run}, in the working directory {@code directory}. */
    static Command runIn(Path directory, Duration timeout, List<String> command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("sluice-command", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            try {
                if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException(command.get(0) + " did not end within " + timeout.toSeconds() + " s");
                }
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            return new Command(process.exitValue(), head(output));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    boolean succeeded() {
        return exitCode == 0;
    }

    /** Returns the last line that is not blank, because tools usually print the reason of a failure there. */
    String lastLine() {
        return output.lines()
                .filter(line -> !line.isBlank())
                .reduce((earlier, later) -> later)
                .orElse("exit code " + exitCode);
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(OUTPUT_LIMIT_BYTES), StandardCharsets.UTF_8);
        }
    }
}
