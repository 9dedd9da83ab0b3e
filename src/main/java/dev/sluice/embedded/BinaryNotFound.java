package dev.sluice.embedded;

/** Why one way led to no nats-server; the next way is tried. */
final class BinaryNotFound extends Exception {
    BinaryNotFound(String reason) {
        super(reason, null, false, false);
    }
}
