package dev.sluice.reliability;

/** Clients of one kind, which write to a ledger while they run. */
interface Load {
    /** Starts. Returns immediately. */
    void start();

    /** Starts no new work and returns after the work in progress has ended. */
    void stop();

    /** Returns whether this load produces the messages of other loads and has to stop before them. */
    default boolean produces() {
        return false;
    }

    /** Returns a description of the work done, for the summary. */
    @Override
    String toString();
}
