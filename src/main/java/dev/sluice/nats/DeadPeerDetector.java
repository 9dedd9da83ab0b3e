package dev.sluice.nats;

import org.jspecify.annotations.Nullable;

/**
 * Detects that the server of one connection is gone: nothing arrives from it although it is pinged, it does not accept
 * written data, or it does not answer pings although other data arrives. A network that drops packets, in one direction
 * or in both, and a frozen server close no socket, and TCP itself gives up only after about 15 minutes.
 *
 * <p>Counts checks, not time. While the process does not run (garbage collection, busy machine) there are no checks, so
 * its own pauses do not count as silence of the server.
 *
 * <p>Confined to the link's event thread.
 */
final class DeadPeerDetector {
    /** Number of checks per {@code sluice.nats.ping-interval}. */
    static final int CHECKS_PER_PING = 2;
    /** Number of consecutive checks without progress after which the server is gone: three ping intervals. */
    static final int CHECKS = 3 * CHECKS_PER_PING;
    /**
     * The limit for a new connection that has received nothing. It is lower because a NATS server sends first and a
     * failed attempt is simply repeated.
     */
    static final int CHECKS_FOR_FIRST_DATA = 3;
    /** Number of bytes that the slowest supported network transmits between two checks: 512 KiB/s by default. */
    static final int DRAINED_PER_CHECK = 256 << 10;
    /** Maximum number of bytes that wait in the socket buffers of both sides: the default limit of Linux. */
    static final int MAX_BACKLOG = 4 << 20;

    private @Nullable Traffic last;
    private int silent;
    private int stuck;
    private int unanswered;
    private long answered;
    private long backlog;

    /** Performs the next check. Returns true if the server is gone. */
    boolean gone(Traffic now) {
        Traffic before = last;
        last = now;
        if (before == null) {
            answered = now.pings();
            return false;
        }
        boolean arrived = now.unread() || now.received() != before.received();
        boolean taken = !now.writing() || now.written() != before.written();
        silent = arrived ? 0 : silent + 1;
        stuck = taken ? 0 : stuck + 1;
        unanswered = answers(before, now) ? 0 : unanswered + 1;
        boolean nothingYet = now.received() == 0 && !now.securing();
        return silent >= (nothingYet ? CHECKS_FOR_FIRST_DATA : CHECKS) || stuck >= CHECKS || unanswered >= CHECKS;
    }

    /**
     * Returns whether the pings are answered, or the answers may still wait for data that was sent before them: in the
     * buffers of a slow network, or unread in this process.
     */
    private boolean answers(Traffic before, Traffic now) {
        long exchanged = now.received() - before.received() + now.written() - before.written();
        backlog = Math.max(0, Math.min(MAX_BACKLOG, backlog + exchanged) - DRAINED_PER_CHECK);
        if (now.pongs() != before.pongs()) {
            answered = now.pings();
        }
        return now.pings() == answered || now.unread() || now.writing() || backlog > 0;
    }
}
