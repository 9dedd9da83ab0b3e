package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A nats-server binary that runs on this machine and has printed a supported version. */
record ServerBinary(Path path, String version) {
    private static final Pattern VERSION = Pattern.compile("nats-server: v((\\d+)\\.(\\d+)\\S*)");
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int OLDEST_MAJOR = 2;
    private static final int OLDEST_MINOR = 9;

    /** Runs {@code path --version} and parses the version. Rejects a file that is not a nats-server. */
    static ServerBinary probe(Path path) throws BinaryNotFound, InterruptedException {
        if (!Files.isRegularFile(path)) {
            throw new BinaryNotFound(path + " is not there");
        }
        if (!Files.isExecutable(path)) {
            throw new BinaryNotFound(path + " is not executable");
        }
        Matcher version = VERSION.matcher(versionOutput(path));
        if (!version.find()) {
            throw new BinaryNotFound(path + " --version does not answer as a nats-server");
        }
        if (!supported(Integer.parseInt(version.group(2)), Integer.parseInt(version.group(3)))) {
            throw new BinaryNotFound(
                    path + " is " + version.group(1) + ", older than " + OLDEST_MAJOR + "." + OLDEST_MINOR);
        }
        return new ServerBinary(path, version.group(1));
    }

    /** Returns whether its minor version is older than that of {@code other}, such as 2.14.5. */
    boolean olderThan(String other) {
        return Arrays.compare(minor(version), minor(other)) < 0;
    }

    private static int[] minor(String version) {
        return Arrays.stream(version.split("\\D+", 3))
                .limit(2)
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static String versionOutput(Path path) throws BinaryNotFound, InterruptedException {
        try {
            return Command.run(ANSWER, path.toAbsolutePath().toString(), "--version")
                    .output();
        } catch (IOException e) {
            throw new BinaryNotFound(path + " does not run: " + e.getMessage());
        }
    }

    private static boolean supported(int major, int minor) {
        return major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR);
    }
}
