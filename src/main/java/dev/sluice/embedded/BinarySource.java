package dev.sluice.embedded;

/** A source of a nats-server binary. */
sealed interface BinarySource permits ConfiguredBinary, PathBinary, BinaryCache, ReleaseArchive, DebianPackage {
    /** Returns the name of this source, for the log and for error messages. */
    String name();

    /** Returns a binary that has run and printed its version. Blocks for at most the time limit of a download. */
    ServerBinary find() throws BinaryNotFound, InterruptedException;
}
