package dev.sluice.reliability;

import dev.sluice.support.PackagedService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Resource usage of an instance at one moment.
 *
 * @param heap heap bytes in use after a full GC
 * @param resident resident memory of the process in bytes
 */
record Footprint(
        long heap,
        long resident,
        long threads,
        long descriptors,
        long cursors,
        long pulls,
        long tails,
        long publishes) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    static Footprint of(PackagedService service) {
        collect(service.pid());
        String metrics = metrics(service);
        return new Footprint(
                sum(metrics, "jvm_memory_used_bytes{area=\"heap\""),
                resident(service),
                status(service.pid(), "Threads:"),
                descriptors(service.pid()),
                sum(metrics, "sluice_tails_cursors "),
                sum(metrics, "sluice_pull_subscriptions "),
                sum(metrics, "sluice_tails_open "),
                sum(metrics, "sluice_publish_in_flight "));
    }

    /** Returns the resident memory of the process in bytes. Does not run a GC. */
    static long resident(PackagedService service) {
        return status(service.pid(), "VmRSS:") * 1024;
    }

    static String metrics(PackagedService service) {
        try {
            return HTTP.send(
                            HttpRequest.newBuilder(service.management("/q/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns the sum of all samples that begin with {@code prefix}. */
    static long sum(String metrics, String prefix) {
        return metrics.lines()
                .filter(line -> line.startsWith(prefix))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Returns the number of open event streams. Does not run a GC. */
    static long tails(PackagedService service) {
        return sum(metrics(service), "sluice_tails_open ");
    }

    static long descriptors(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void collect(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            for (int i = 0; i < 2; i++) {
                new ProcessBuilder(List.of(jcmd, Long.toString(pid), "GC.run"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long status(long pid, String field) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns a description of both footprints if growth exceeds the usual variation, else empty.
     *
     * @param elsewhere tails that were open at other instances at that time, and that may have reconnected to this one
     */
    Optional<String> grownSince(Footprint before, long elsewhere) {
        boolean grown = heap > before.heap + before.heap / 2 + (32L << 20)
                || resident > before.resident + before.resident / 2 + (128L << 20)
                || threads > before.threads + 10
                || descriptors > before.descriptors + 20
                || cursors > before.cursors + elsewhere + 2
                || pulls > before.pulls + elsewhere + 2
                || tails > before.tails + elsewhere + 2;
        return grown ? Optional.of("before " + before + "; after " + this) : Optional.empty();
    }

    @Override
    public String toString() {
        return "heap " + mebibytes(heap) + ", resident " + mebibytes(resident) + ", " + threads + " threads, "
                + descriptors + " descriptors, " + cursors + " cursors, " + pulls + " pulls, " + tails + " tails, "
                + publishes + " publishes in flight";
    }

    static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
