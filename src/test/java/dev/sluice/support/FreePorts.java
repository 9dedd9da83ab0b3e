package dev.sluice.support;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that a test starts. They are outside the range from which Linux and macOS choose ports for outgoing
 * connections, and each test JVM has its own: a port that is free now must still be free when its server starts, and later
 * when the server is restarted.
 */
public final class FreePorts {
    private static final int FIRST = 10_000;
    private static final int PER_JVM = 5_000;
    private static final int JVMS = 4;
    private static final int BASE = FIRST + Math.floorMod(Integer.getInteger("tests.fork", 0), JVMS) * PER_JVM;
    private static int next = ThreadLocalRandom.current().nextInt(PER_JVM);

    private FreePorts() {}

    /** Returns a port on which nothing listens. A port is returned again only after all others. */
    public static synchronized int next() {
        for (int tried = 0; tried < PER_JVM; tried++) {
            int port = BASE + next++ % PER_JVM;
            if (free(port)) {
                return port;
            }
        }
        throw new IllegalStateException("No free port from " + BASE + " on");
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
