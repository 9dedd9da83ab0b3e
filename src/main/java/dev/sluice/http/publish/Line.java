package dev.sluice.http.publish;

import dev.sluice.failure.SluiceException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of a bulk publish, or one event of a batch.
 *
 * @param number line number in the body, from 1, blank lines included; or number of the event, from 1
 * @param bytes line without its line break; null if it was discarded
 * @param discarded why the line was discarded; null if it was not
 * @param taken run once, when the line no longer waits; its bytes then count elsewhere
 */
record Line(long number, byte @Nullable [] bytes, @Nullable SluiceException discarded, Runnable taken) {
    static final Runnable UNCOUNTED = () -> {};

    Line(long number, byte[] bytes) {
        this(number, bytes, null, UNCOUNTED);
    }

    /**
     * @throws SluiceException {@code TOO_LARGE} if the line exceeds the maximum length, {@code OVERLOADED} if this instance
     *     had no room for it
     */
    byte[] text() {
        if (discarded != null) {
            throw discarded;
        }
        return Objects.requireNonNull(bytes);
    }
}
