package dev.sluice.stream.object;

/** What an upload knows about its content beforehand. It has one mutator at a time, on any thread. */
public interface ContentCheck {
    /** Receives the next chunk. */
    void update(byte[] chunk);

    /**
     * Called once, after the last chunk, before anything becomes visible.
     *
     * @param sha256 the SHA-256 of the content
     * @throws dev.sluice.failure.SluiceException if it is not the expected content
     */
    void verify(byte[] sha256);
}
