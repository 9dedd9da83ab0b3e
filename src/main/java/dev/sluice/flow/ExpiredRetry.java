package dev.sluice.flow;

/**
 * The failure of a Mutiny retry whose time has expired. Mutiny (3.1.1) hides the last failure behind an
 * {@link IllegalStateException} of its own.
 */
public final class ExpiredRetry {
    private ExpiredRetry() {}

    /** Returns the last failure that was retried, or {@code failure} itself if it is none of an expired retry. */
    public static Throwable lastFailure(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof IllegalStateException && cause != null ? cause : failure;
    }
}
