package dev.sluice.stream.replay;

/** What followed on the last message that was read was removed from the stream before it could be read. */
public final class FellBehindException extends RuntimeException {
    FellBehindException(String stream) {
        super("The stream " + stream + " lost what was not read yet", null, false, false);
    }
}
