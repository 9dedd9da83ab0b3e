package dev.sluice.nats;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether the server at the other end of one connection is gone: nothing has come from it, though it was asked,
 * or it does not take what is written. A way that drops packets and a server that is frozen close no socket; TCP itself
 * gives up only after a quarter of an hour.
 *
 * <p>It counts looks, not time. A process that did not run, be it for a garbage collection or a busy machine, did not
 * look either; so its own pauses are nobody's silence.
 *
 * <p>For one thread.
 */
final class DeadPeerDetector {
    /** How often it has to look, in every {@code sluice.nats.ping-interval}. */
    static final int LOOKS_PER_PING = 2;
    /** So many looks in a row that find nothing moved are the end: six pings. */
    static final int LOOKS = 6 * LOOKS_PER_PING;
    /** The same for a connection that is new: a NATS server speaks first, and whoever dials can dial again. */
    static final int LOOKS_FOR_FIRST_WORD = 5;

    private @Nullable Traffic last;
    private int silent;
    private int stuck;

    /** Takes the next look; true if the peer is gone. */
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
