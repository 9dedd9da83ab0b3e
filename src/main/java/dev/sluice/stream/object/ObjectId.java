package dev.sluice.stream.object;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of an object: the last token of the subject of its chunks (ADR-20). Other clients can store any text in its place,
 * in metadata and as a subject. As a filter, a wildcard would select the chunks of all objects of the store.
 */
record ObjectId(String value) {
    private static final Pattern TOKEN = Pattern.compile("[^.*>\\p{Space}\\p{Cntrl}]+");

    ObjectId {
        if (!TOKEN.matcher(value).matches()) {
            throw new IllegalArgumentException("no id of an object: " + value);
        }
    }

    /** Returns the id; empty if {@code text} is not one token of a subject. */
    static Optional<ObjectId> of(String text) {
        return TOKEN.matcher(text).matches() ? Optional.of(new ObjectId(text)) : Optional.empty();
    }

    /** Returns the subject of the object's chunks. */
    String subject(ObjectStoreName store) {
        return store.chunkPrefix() + value;
    }

    @Override
    public String toString() {
        return value;
    }
}
