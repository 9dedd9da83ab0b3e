package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A validated name of an object store (ADR-20). The name becomes a token of subjects and a part of a stream's name. */
public record ObjectStoreName(String value) {
    private static final String STREAM_PREFIX = "OBJ_";
    /** With its prefix it is the name of a stream, which has at most 255 characters. */
    private static final int MAX_LENGTH = 255 - STREAM_PREFIX.length();

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1," + MAX_LENGTH + "}");

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public ObjectStoreName {
        if (!NAME.matcher(value).matches()) {
            throw Failure.INVALID.because("The name of an object store has letters, digits, - and _ only, and 1 to "
                    + MAX_LENGTH + " characters");
        }
    }

    /** Returns the store whose stream has the name {@code stream}; empty if no store can have it. */
    static Optional<ObjectStoreName> ofStream(String stream) {
        return stream.startsWith(STREAM_PREFIX) ? of(stream.substring(STREAM_PREFIX.length())) : Optional.empty();
    }

    /** Returns the store of this name; empty if no store can have it. */
    static Optional<ObjectStoreName> of(String name) {
        return NAME.matcher(name).matches() ? Optional.of(new ObjectStoreName(name)) : Optional.empty();
    }

    /** Returns the name of the store's stream. */
    public String stream() {
        return STREAM_PREFIX + value;
    }

    /** Returns what precedes the object's id in the subjects of chunks. */
    String chunkPrefix() {
        return "$O." + value + ".C.";
    }

    /** Returns what precedes the encoded name in the subjects of metadata. */
    public String metadataPrefix() {
        return "$O." + value + ".M.";
    }

    /** Returns the subjects of the metadata of all objects, which the store's stream has. */
    public String metadataSubjects() {
        return metadataPrefix() + ">";
    }

    /** Returns the failure of an operation on the store if it does not exist. */
    public SluiceException missing() {
        return Failure.NO_OBJECT_STORE.because("There is no object store " + value);
    }

    @Override
    public String toString() {
        return value;
    }
}
