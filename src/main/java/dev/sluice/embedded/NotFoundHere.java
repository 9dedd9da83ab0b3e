package dev.sluice.embedded;

/** Why one way led to no nats-server; the next way is tried. */
final class NotFoundHere extends Exception {
    NotFoundHere(String reason) {
        super(reason, null, false, false);
    }
}
