package dev.sluice.http;

import dev.sluice.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One line of a bulk publish.
 *
 * @param number counts every line of the body from 1, blank ones too
 * @param bytes without the line break; null if the line was longer than a line may be
 */
record Line(long number, byte @Nullable [] bytes) {

    /** @throws dev.sluice.failure.SluiceException {@code TOO_LARGE} */
    byte[] text() {
        byte[] text = bytes;
        if (text == null) {
            throw Failure.TOO_LARGE.because("The line is longer than sluice.http.max-line-size allows");
        }
        return text;
    }
}
