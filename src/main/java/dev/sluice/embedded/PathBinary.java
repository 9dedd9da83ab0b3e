package dev.sluice.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An installed nats-server, in a folder of the {@code PATH} or in the {@code sbin} folders, where Debian's package
 * installs it.
 */
record PathBinary(List<Path> folders) implements BinarySource {
    private static final List<String> ROOTS_FOLDERS = List.of("/usr/local/sbin", "/usr/sbin");

    static PathBinary ofThisProcess() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return new PathBinary(Stream.concat(Stream.of(path.split(File.pathSeparator, -1)), ROOTS_FOLDERS.stream())
                .filter(folder -> !folder.isBlank())
                .distinct()
                .map(Path::of)
                .toList());
    }

    @Override
    public String name() {
        return "PATH";
    }

    @Override
    public ServerBinary find() throws BinaryNotFound, InterruptedException {
        BinaryNotFound reason = new BinaryNotFound("no " + Platform.EXECUTABLE + " in " + folders);
        for (Path folder : folders) {
            Path candidate = folder.resolve(Platform.EXECUTABLE);
            if (Files.isExecutable(candidate)) {
                try {
                    return ServerBinary.probe(candidate);
                } catch (BinaryNotFound unusable) {
                    reason = unusable;
                }
            }
        }
        throw reason;
    }
}
