package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.nats.SubjectPattern;
import java.util.Locale;

/** An action that permissions are granted for, in NATS' terms. */
public enum Verb {
    /** Publish messages to a subject, stored or not. */
    PUBLISH,
    /** Subscribe to subjects, live or from a stream. */
    SUBSCRIBE,
    /** Send requests to a subject. */
    REQUEST,
    /** Fetch and acknowledge a consumer's deliveries, and read its stream's messages. */
    CONSUME,
    /**
     * Create, change and delete a consumer, delete its stream's messages, create, change and delete a bucket or an
     * object store.
     */
    ADMINISTER,
    /** Read a key of a bucket, its history, and whether it exists, and watch it. */
    READ,
    /** Set, delete and purge a key of a bucket. */
    WRITE,
    /** Read an object, and whether it exists. */
    OBJECT_READ,
    /** Write and delete an object. */
    OBJECT_WRITE;

    /**
     * Returns a pattern of a rule. It can match what this verb is granted for: a deny that matches nothing would deny
     * nothing.
     *
     * @throws dev.sluice.failure.SluiceException as {@link SubjectPattern}; {@code BAD_SUBJECT}, with what the verb is granted
     *     for, if the pattern cannot match it
     */
    SubjectPattern pattern(String text) {
        SubjectPattern pattern = new SubjectPattern(text);
        requireShape(pattern);
        return pattern;
    }

    private void requireShape(SubjectPattern pattern) {
        String[] tokens = pattern.value().split("\\.", -1);
        if (pattern.value().equals(">")) {
            return;
        }
        switch (this) {
            case PUBLISH, SUBSCRIBE, REQUEST -> {}
            case CONSUME, ADMINISTER -> require(tokens.length == 2, pattern, "STREAM.CONSUMER", tokens[0] + ".*");
            case READ, WRITE -> require(tokens.length >= 2, pattern, "BUCKET.key", tokens[0] + ".>");
            case OBJECT_READ, OBJECT_WRITE -> require(tokens.length >= 2, pattern, "STORE.name", tokens[0] + ".>");
        }
    }

    private static void require(boolean matches, SubjectPattern pattern, String shape, String instead) {
        if (!matches) {
            throw Failure.BAD_SUBJECT.because(pattern + " matches no " + shape + "; write " + instead);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
