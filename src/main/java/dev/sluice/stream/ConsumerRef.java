package dev.sluice.stream;

import dev.sluice.failure.Failure;

/**
 * The name of a consumer and its stream. Both names become tokens of API subjects, so characters that would change the
 * subject are rejected.
 */
public record ConsumerRef(String stream, String consumer) {
    private static final String FORBIDDEN = ".*>/\\";

    public ConsumerRef {
        check("stream", stream);
        check("consumer", consumer);
    }

    public static void check(String what, String name) {
        if (name.isEmpty() || name.chars().anyMatch(c -> c <= ' ' || c == 0x7F || FORBIDDEN.indexOf(c) >= 0)) {
            throw Failure.INVALID.because(
                    "A " + what + " name is not empty and has no space, control character or any of " + FORBIDDEN);
        }
    }

    /** Returns the two tokens of this consumer in subjects of the JetStream API. */
    public String address() {
        return stream + "." + consumer;
    }

    @Override
    public String toString() {
        return consumer + " of " + stream;
    }
}
