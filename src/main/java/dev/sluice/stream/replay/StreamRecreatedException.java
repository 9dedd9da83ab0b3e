package dev.sluice.stream.replay;

/** Signals that the stream was deleted and recreated under the same name; its sequences start again. */
public final class StreamRecreatedException extends RuntimeException {
    StreamRecreatedException(String stream) {
        super("The stream " + stream + " was created again", null, false, false);
    }
}
