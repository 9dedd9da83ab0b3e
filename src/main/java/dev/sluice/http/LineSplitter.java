package dev.sluice.http;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a body that comes in chunks into lines. Keeps no more than one line: of one that is too long only the fact is
 * kept, and the lines after it go on. Blank lines are counted and left out. Not thread-safe.
 */
final class LineSplitter {
    private final int maxBytes;
    private ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean tooLong;
    private long lines;

    LineSplitter(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** How many lines were completed. */
    long lines() {
        return lines;
    }

    /** The lines that {@code chunk} completes. */
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

    /** The last line, if the body ended without a line break. */
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
