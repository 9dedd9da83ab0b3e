package dev.sluice.http.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.body.BodyBytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a chunked body into lines. Buffers at most one line. Its bytes, and those of lines that were not taken yet, count
 * against {@link BodyBytes}. The content of a line that is too long, or for which there is no room, is discarded and only
 * the fact is reported; the following lines are read normally. Blank lines are counted and skipped. Not thread-safe,
 * except for {@link #close}.
 */
final class LineSplitter {
    private final int maxBytes;
    private final BodyBytes.Share share;
    private ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private @Nullable SluiceException discarded;
    private long lines;

    LineSplitter(int maxBytes, BodyBytes.Share share) {
        this.maxBytes = maxBytes;
        this.share = share;
    }

    /** Releases the bytes of all lines. No further line is counted. */
    void close() {
        share.close();
    }

    /** Returns the number of completed lines. */
    long lines() {
        return lines;
    }

    /** Returns the lines that {@code chunk} completes. */
    List<Line> split(byte[] chunk) {
        List<Line> completed = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < chunk.length; at++) {
            if (chunk[at] == '\n') {
                append(chunk, from, at);
                complete(completed);
                from = at + 1;
            }
        }
        append(chunk, from, chunk.length);
        return completed;
    }

    /** Returns the last line if the body ended without a line break. */
    List<Line> end() {
        List<Line> completed = new ArrayList<>();
        if (discarded != null || begun.size() > 0) {
            complete(completed);
        }
        return completed;
    }

    private void append(byte[] chunk, int from, int to) {
        if (discarded != null) {
            return;
        }
        int size = begun.size() + to - from;
        if (size > maxBytes) {
            discard(Failure.TOO_LARGE.because("The line is longer than sluice.http.max-line-size allows"));
            return;
        }
        try {
            share.extend(size);
            begun.write(chunk, from, to - from);
        } catch (SluiceException full) {
            discard(full);
        }
    }

    private void discard(SluiceException why) {
        discarded = why;
        clear();
    }

    /** Keeps no large array: it would outlive its share. */
    private void clear() {
        if (begun.size() > BodyBytes.UNCOUNTED) {
            begun = new ByteArrayOutputStream();
        } else {
            begun.reset();
        }
        share.release();
    }

    private void complete(List<Line> completed) {
        lines++;
        byte[] text = begun.toByteArray();
        if (discarded != null) {
            completed.add(new Line(lines, null, discarded, Line.UNCOUNTED));
        } else if (!blank(text)) {
            completed.add(
                    new Line(lines, text, null, text.length > BodyBytes.UNCOUNTED ? share.keep() : Line.UNCOUNTED));
        }
        discarded = null;
        clear();
    }

    private static boolean blank(byte[] text) {
        for (byte b : text) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }
}
