package dev.sluice.embedded;

/** The reason why one source has no usable nats-server. The next source is tried. */
final class BinaryNotFound extends Exception {
    BinaryNotFound(String reason) {
        super(reason, null, false, false);
    }
}
