package dev.sluice.http;

import dev.sluice.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One line of a bulk publish, or one event of a batch.
 *
 * @param number line number in the body, from 1, blank lines included; or number of the event, from 1
 * @param bytes line without its line break; null if the line exceeds the maximum length
 */
record Line(long number, byte @Nullable [] bytes) {

    /** @throws dev.sluice.failure.SluiceException {@code TOO_LARGE} if the line exceeds the maximum length */
    byte[] text() {
        byte[] text = bytes;
        if (text == null) {
            throw Failure.TOO_LARGE.because("The line is longer than sluice.http.max-line-size allows");
        }
        return text;
    }
}
