package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A validated bucket name (ADR-8). The name becomes a token of subjects and a part of a stream's name. */
public record BucketName(String value) {
    /** Begins the subjects of all buckets; the name of the bucket and the key follow. */
    public static final String SUBJECTS = "$KV.";

    private static final String STREAM_PREFIX = "KV_";
    /** With its prefix it is the name of a stream, which has at most 255 characters. */
    private static final int MAX_LENGTH = 255 - STREAM_PREFIX.length();

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1," + MAX_LENGTH + "}");

    /** Begins the names of buckets that Sluice keeps for itself. */
    private static final String INTERNAL = "sluice_";

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public BucketName {
        if (!NAME.matcher(value).matches()) {
            throw Failure.INVALID.because(
                    "A bucket name has letters, digits, - and _ only, and 1 to " + MAX_LENGTH + " characters");
        }
    }

    /** Returns the bucket whose stream has the name {@code stream}; empty if no bucket can have it. */
    static Optional<BucketName> ofStream(String stream) {
        return stream.startsWith(STREAM_PREFIX)
                        && NAME.matcher(stream.substring(STREAM_PREFIX.length()))
                                .matches()
                ? Optional.of(new BucketName(stream.substring(STREAM_PREFIX.length())))
                : Optional.empty();
    }

    /** Returns the name of the bucket's stream. */
    public String stream() {
        return STREAM_PREFIX + value;
    }

    /** Returns whether the bucket belongs to Sluice itself. No caller reads or changes such a bucket. */
    public boolean internal() {
        return value.startsWith(INTERNAL);
    }

    /** Returns what precedes the key in the subjects of the bucket. */
    String prefix() {
        return SUBJECTS + value + ".";
    }

    /** Returns the subjects of the bucket's stream. */
    public String subjects() {
        return prefix() + ">";
    }

    /** Returns the failure of an operation on the bucket if it does not exist. */
    public SluiceException missing() {
        return Failure.NO_BUCKET.because("There is no bucket " + value);
    }

    /** Returns the key in a subject of any bucket. */
    static String key(String subject) {
        return subject.substring(subject.indexOf('.', SUBJECTS.length()) + 1);
    }

    @Override
    public String toString() {
        return value;
    }
}
