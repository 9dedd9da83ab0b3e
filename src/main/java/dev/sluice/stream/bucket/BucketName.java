package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import java.util.Optional;
import java.util.regex.Pattern;

/** A validated bucket name (ADR-8). The name becomes a token of subjects and a part of a stream's name. */
public record BucketName(String value) {
    private static final String STREAM_PREFIX = "KV_";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,128}");
    /** Begins the names of buckets that Sluice keeps for itself. */
    private static final String INTERNAL = "sluice_";

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public BucketName {
        if (!NAME.matcher(value).matches()) {
            throw Failure.INVALID.because("A bucket name has letters, digits, - and _ only, and 1 to 128 characters");
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
        return "$KV." + value + ".";
    }

    @Override
    public String toString() {
        return value;
    }
}
