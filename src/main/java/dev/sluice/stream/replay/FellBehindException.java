package dev.sluice.stream.replay;

/** Signals that messages after the last one read were removed from the stream before they could be read. */
public final class FellBehindException extends RuntimeException {
    FellBehindException(String stream) {
        super("The stream " + stream + " lost what was not read yet", null, false, false);
    }
}
