package dev.sluice.stream.replay;

/** The stream that was read does not exist any longer; another one has its name, and counts anew. */
public final class StreamRecreatedException extends RuntimeException {
    StreamRecreatedException(String stream) {
        super("The stream " + stream + " was created again", null, false, false);
    }
}
