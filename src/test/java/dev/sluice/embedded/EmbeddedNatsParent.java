package dev.sluice.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Main class of a process that a test kills. It starts an embedded server, prints the server's pid, and waits. */
final class EmbeddedNatsParent {
    private static final String MARK = "embedded nats-server pid ";

    private EmbeddedNatsParent() {}

    /** @param arguments path of the nats-server, cache directory */
    public static void main(String... arguments) throws InterruptedException {
        EmbeddedNats nats = EmbeddedNats.start(EmbeddedSettings.in(Path.of(arguments[1]), "binary", arguments[0]));
        System.out.println(MARK + nats.pid());
        new CountDownLatch(1).await();
    }

    static long pidOf(BufferedReader output) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(MARK)) {
                return Long.parseLong(line.substring(MARK.length()));
            }
        }
        throw new IOException("the parent ended without an embedded server");
    }
}
