package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The nats-server package of Debian and Ubuntu. {@code apt-get} downloads it and verifies its signature; it is
 * unpacked, not installed. If the download fails with the package lists of the machine, new lists are downloaded into a
 * temporary folder. Root is not required, and nothing outside the cache is changed.
 */
record DebianPackage(Duration connectTimeout, Duration downloadTimeout, BinaryCache cache) implements BinarySource {
    @Override
    public String name() {
        return "Debian package";
    }

    @Override
    public ServerBinary find() throws BinaryNotFound, InterruptedException {
        try (TemporaryFolder workplace = cache.workplace()) {
            download(workplace.path());
            Path unpacked = workplace.path().resolve("unpacked");
            run(workplace.path(), List.of("dpkg-deb", "--extract", packageIn(workplace.path()), unpacked.toString()));
            return cache.store(unpacked.resolve("usr/sbin").resolve(Platform.EXECUTABLE));
        } catch (IOException e) {
            throw new BinaryNotFound(String.valueOf(e.getMessage()));
        }
    }

    private void download(Path folder) throws IOException, InterruptedException {
        Command download = Command.runIn(folder, downloadTimeout, aptGet(List.of(), "download", "nats-server"));
        if (!download.succeeded()) {
            Path lists = folder.resolve("lists");
            Path aptCache = folder.resolve("apt");
            Files.createDirectories(lists.resolve("partial"));
            Files.createDirectories(aptCache.resolve("archives/partial"));
            List<String> ownLists = List.of("-o", "Dir::State::lists=" + lists, "-o", "Dir::Cache=" + aptCache);
            run(folder, aptGet(ownLists, "update"));
            run(folder, aptGet(ownLists, "download", "nats-server"));
        }
    }

    private List<String> aptGet(List<String> options, String... words) {
        List<String> command = new ArrayList<>(List.of("apt-get", "--quiet"));
        command.addAll(List.of("-o", "Acquire::http::Timeout=" + connectTimeout.toSeconds()));
        command.addAll(List.of("-o", "Acquire::https::Timeout=" + connectTimeout.toSeconds()));
        command.addAll(options);
        command.addAll(List.of(words));
        return command;
    }

    private void run(Path folder, List<String> command) throws IOException, InterruptedException {
        Command result = Command.runIn(folder, downloadTimeout, command);
        if (!result.succeeded()) {
            throw new IOException(command.get(0) + " failed: " + result.lastLine());
        }
    }

    private static String packageIn(Path folder) throws IOException {
        try (DirectoryStream<Path> packages = Files.newDirectoryStream(folder, "nats-server_*.deb")) {
            Iterator<Path> first = packages.iterator();
            if (!first.hasNext()) {
                throw new IOException("apt-get downloaded no package");
            }
            return first.next().toString();
        }
    }
}
