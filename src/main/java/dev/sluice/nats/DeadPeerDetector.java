package dev.sluice.nats;

import org.jspecify.annotations.Nullable;

/**
 * Detects that the server of one connection is gone: nothing arrives from it although it is pinged, or it does not
 * accept written data. A network that drops packets and a frozen server close no socket, and TCP itself gives up only
 * after about 15 minutes.
 *
 * <p>Counts checks, not time. While the process does not run (garbage collection, busy machine) there are no checks, so
 * its own pauses do not count as silence of the server.
 *
 * <p>Confined to the link's event thread.
 */
final class DeadPeerDetector {
    /** Number of checks per {@code sluice.nats.ping-interval}. */
    static final int LOOKS_PER_PING = 2;
    /** Number of consecutive checks without progress after which the server is gone: six ping intervals. */
    static final int LOOKS = 6 * LOOKS_PER_PING;
    /**
     * The limit for a new connection that has received nothing. It is lower because a NATS server sends first and a
     * failed attempt is simply repeated.
     */
    static final int LOOKS_FOR_FIRST_WORD = 5;

    private @Nullable Traffic last;
    private int silent;
    private int stuck;

    /** Performs the next check. Returns true if the server is gone. */
    boolean gone(Traffic now) {
        Traffic before = last;
        last = now;
        if (before == null) {
            return false;
        }
        boolean heard = now.unread() || now.reads() != before.reads();
        boolean taken = !now.writing() || now.writes() != before.writes();
        silent = heard ? 0 : silent + 1;
        stuck = taken ? 0 : stuck + 1;
        boolean unheard = now.reads() == 0 && !now.securing();
        return silent >= (unheard ? LOOKS_FOR_FIRST_WORD : LOOKS) || stuck >= LOOKS;
    }
}
