package dev.sluice.http.tail;

/**
 * An upper bound of the number of instructions of a compiled RE2 expression, computed before it is compiled. RE2/J
 * limits each repetition to 1,000, but not nested ones: {@code ((a{1000}){1000}){1000}} would take all memory. The number
 * of instructions also is the maximum number of steps per character of a text.
 *
 * <p>Reads the syntax of RE2 only as far as the bound needs it. An invalid expression has any size; the compiler refuses
 * it.
 */
final class ExpressionSize {
    /** Maximum number of instructions: one repetition of 1,000 and more than 500 characters fit. */
    static final int MAX = 3_000;

    /** Instructions of an expression in addition to those of its parts, and of a group: its ends, and an empty part. */
    private static final int FRAME = 3;

    /** Maximum number of groups in each other: the compiler is recursive. */
    private static final int MAX_DEPTH = 250;

    /** Maximum repetition; the compiler refuses a larger one. */
    private static final int MAX_REPETITION = 1_000;

    /** The letters of escaped classes. */
    private static final String CLASSES = "dDsSwWpP";

    private final String text;
    private int next;

    private ExpressionSize(String text) {
        this.text = text;
    }

    /** Returns the bound; any number above {@link #MAX} if it is larger, or if groups are nested too deep. */
    static int of(String text) {
        return new ExpressionSize(text).group(0);
    }

    /**
     * Reads up to the end of a group, or of the text.
     *
     * @param depth number of groups around it
     */
    private int group(int depth) {
        int before = FRAME;
        int last = 0;
        while (next < text.length() && before + last <= MAX) {
            int begin = next;
            char c = text.charAt(next++);
            if (c == ')' && depth > 0) {
                return before + last;
            }
            if (c == '*' || c == '+' || c == '?') {
                last += 2;
            } else if (c == '{' && repetition()) {
                last = repeated(last, begin);
            } else if (c == '(' && depth == MAX_DEPTH) {
                return MAX + 1;
            } else if (c == '(' && !flags()) {
                before += last;
                last = group(depth + 1);
            } else if (c == '\\' && skip("Q")) {
                int quoted = quotation();
                before += quoted > 0 ? last + quoted - 1 : 0;
                last = quoted > 0 ? 1 : last;
            } else if (c == '|') {
                before += last + 2;
                last = 0;
            } else if (c != '(') {
                atom(c);
                before += last;
                last = 1;
            }
        }
        return before + last;
    }

    /** Skips the rest of a single character, class or assertion. */
    private void atom(char c) {
        if (c == '\\') {
            escape();
        } else if (c == '[') {
            characterClass();
        }
    }

    private void escape() {
        boolean named = skip("x{") || skip("p{") || skip("P{");
        if (named) {
            skipPast("}");
        } else {
            next++;
        }
    }

    private void characterClass() {
        skip("^");
        for (boolean first = true; next < text.length() && (first || text.charAt(next) != ']'); first = false) {
            if (text.startsWith("[:", next) && text.indexOf(":]", next + 2) >= 0) {
                skipPast(":]");
            } else if (classCharacter() && text.startsWith("-", next) && !text.startsWith("-]", next)) {
                next++;
                classCharacter();
            }
        }
        next++;
    }

    /** Skips a character of a class, or a class in it, such as {@code \d}; false for a class: it begins no range. */
    private boolean classCharacter() {
        boolean escaped = skip("\\");
        boolean single = !escaped || next == text.length() || CLASSES.indexOf(text.charAt(next)) < 0;
        if (escaped) {
            escape();
        } else {
            next++;
        }
        return single;
    }

    /** Returns the number of characters up to the end of a quotation. */
    private int quotation() {
        int begin = next;
        skipPast("\\E");
        return text.startsWith("\\E", next - 2) && next - 2 >= begin ? next - 2 - begin : next - begin;
    }

    /** Skips flags that belong to no group of their own, as {@code (?i)}: they are not repeated, but what precedes them. */
    private boolean flags() {
        int end = next;
        if (end >= text.length() || text.charAt(end) != '?') {
            return false;
        }
        do {
            end++;
        } while (end < text.length() && (Character.isLetter(text.charAt(end)) || text.charAt(end) == '-'));
        boolean alone = end < text.length() && text.charAt(end) == ')';
        if (alone) {
            next = end + 1;
        }
        return alone;
    }

    /** Skips the rest of {@code {n}}, {@code {n,}} or {@code {n,m}}; false if the brace is a character. */
    private boolean repetition() {
        int end = digits(next);
        if (end == next) {
            return false;
        }
        if (end < text.length() && text.charAt(end) == ',') {
            end = digits(end + 1);
        }
        boolean closed = end < text.length() && text.charAt(end) == '}';
        if (closed) {
            next = end + 1;
        }
        return closed;
    }

    private int digits(int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /** Returns the size of a repeated part, or of the part and the characters that only look like a repetition. */
    private int repeated(int part, int begin) {
        int most = 1;
        int number = 0;
        for (char c : text.substring(begin + 1, next).toCharArray()) {
            number = c >= '0' && c <= '9' ? Math.min(MAX_REPETITION, number * 10 + c - '0') : 0;
            most = Math.max(most, number);
        }
        return (int) Math.min(MAX + 1L, (long) most * (part + 1) + (next - begin));
    }

    private boolean skip(String start) {
        boolean found = text.startsWith(start, next);
        if (found) {
            next += start.length();
        }
        return found;
    }

    private void skipPast(String end) {
        int found = text.indexOf(end, next);
        next = found < 0 ? text.length() : found + end.length();
    }
}
