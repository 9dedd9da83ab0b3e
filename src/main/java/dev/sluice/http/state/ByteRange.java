package dev.sluice.http.state;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One range of bytes of a representation (RFC 9110, section 14.1.2).
 *
 * @param from first byte
 * @param length number of bytes; 0 if the representation has none of the bytes that were asked for
 */
record ByteRange(long from, long length) {
    private static final String UNIT = "bytes=";
    private static final Pattern SPEC = Pattern.compile("([0-9]*)-([0-9]*)");
    private static final int MAX_DIGITS = 18;

    /**
     * Parses the header {@code Range} for a representation of {@code size} bytes. Empty if the whole representation is
     * the answer: for another unit, several ranges, a value that cannot be parsed, and an empty representation.
     */
    static Optional<ByteRange> of(@Nullable String header, long size) {
        if (header == null || size == 0 || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
            return Optional.empty();
        }
        List<String> specs = Arrays.stream(header.substring(UNIT.length()).split(",", -1))
                .map(String::strip)
                .filter(spec -> !spec.isEmpty())
                .toList();
        if (specs.size() != 1) {
            return Optional.empty();
        }
        Matcher spec = SPEC.matcher(specs.get(0));
        if (!spec.matches() || specs.get(0).length() == 1) {
            return Optional.empty();
        }
        return bounded(spec.group(1), spec.group(2), size);
    }

    private static Optional<ByteRange> bounded(String first, String last, long size) {
        if (first.isEmpty()) {
            long length = Math.min(number(last), size);
            return Optional.of(new ByteRange(size - length, length));
        }
        long from = number(first);
        long to = last.isEmpty() ? Long.MAX_VALUE - 1 : number(last);
        if (to < from) {
            return Optional.empty();
        }
        return Optional.of(new ByteRange(from, Math.max(0, Math.min(to + 1, size) - from)));
    }

    private static long number(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > MAX_DIGITS ? Long.MAX_VALUE - 1 : Long.parseLong(significant);
    }

    boolean satisfiable() {
        return length > 0;
    }

    /** Returns the value of {@code Content-Range}. */
    String contentRange(long size) {
        return satisfiable() ? "bytes " + from + "-" + (from + length - 1) + "/" + size : "bytes */" + size;
    }
}
