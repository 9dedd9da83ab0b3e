package dev.sluice.reliability;

/** Clients of one kind, which fill a ledger for as long as they run. */
interface Load {
    /** Begins; returns at once. */
    void start();

    /** Begins nothing new, and returns when what is under way has come to its end. */
    void stop();

    /** Whether it produces what others wait for, and so has to stop before them. */
    default boolean produces() {
        return false;
    }

    /** What it did, for the summary. */
    @Override
    String toString();
}
