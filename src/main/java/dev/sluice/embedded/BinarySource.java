package dev.sluice.embedded;

/** One way to come by a nats-server. */
sealed interface BinarySource permits ConfiguredBinary, PathBinary, BinaryCache, ReleaseArchive, DebianPackage {
    /** What the log and the message that names all the ways call it. */
    String name();

    /** A binary that ran and told its version. Blocks, bounded, for as long as a download takes. */
    ServerBinary find() throws BinaryNotFound, InterruptedException;
}
