package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The programs of Prometheus on the PATH. */
final class Promtool {
    private Promtool() {}

    /** Skips the test without {@code program}, unless {@code -Dprometheus=required} is set; then it fails. */
    static void require(String program) {
        boolean found = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        String missing = "No " + program + " on the PATH: on Debian apt-get install prometheus";
        if (!found && System.getProperty("prometheus", "optional").equals("required")) {
            throw new AssertionError(missing);
        }
        if (!found) {
            abort(missing + "; alerts and dashboard were not tried");
        }
    }

    /** Runs promtool and returns its output. Fails if its exit status is not 0. */
    static String run(List<String> arguments, String input) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
