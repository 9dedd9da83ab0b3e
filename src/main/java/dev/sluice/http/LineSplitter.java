package dev.sluice.http;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a chunked body into lines. Buffers at most one line. The content of a line that is too long is discarded and
 * only the fact is reported; the following lines are read normally. Blank lines are counted and skipped. Not
 * thread-safe.
 */
final class LineSplitter {
    private final int maxBytes;
    private ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean tooLong;
    private long lines;

    LineSplitter(int maxBytes) {
        this.maxBytes = maxBytes;
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
        if (tooLong || begun.size() > 0) {
            complete(completed);
        }
        return completed;
    }

    private void append(byte[] chunk, int from, int to) {
        if (tooLong || begun.size() + to - from > maxBytes) {
            tooLong = true;
            begun = new ByteArrayOutputStream();
        } else {
            begun.write(chunk, from, to - from);
        }
    }

    private void complete(List<Line> completed) {
        lines++;
        byte[] text = begun.toByteArray();
        if (tooLong) {
            completed.add(new Line(lines, null));
        } else if (!blank(text)) {
            completed.add(new Line(lines, text));
        }
        tooLong = false;
        begun.reset();
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
