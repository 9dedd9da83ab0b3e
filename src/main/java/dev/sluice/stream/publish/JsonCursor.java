package dev.sluice.stream.publish;

/**
 * Reads one JSON text without building a tree and without throwing; see {@link JsonTokens}. Rejects nesting deeper than
 * {@value #MAX_DEPTH}. Not thread-safe.
 */
final class JsonCursor {
    private static final int MAX_DEPTH = 32;

    private final JsonTokens tokens = new JsonTokens();
    private String name = "";

    void open(byte[] json) {
        tokens.open(json);
    }

    /** Returns whether the whole text was one JSON value. */
    boolean wellFormed() {
        return tokens.wellFormed();
    }

    /** Returns the first character of the next value, which identifies its type; 0 at the end. */
    char peek() {
        return tokens.peek();
    }

    /**
     * Moves to the next member of an object and reads its name, available as {@link #name()}. Returns {@code false} if
     * there is none.
     *
     * @param first whether the object has not been entered yet
     * @param likely names that are returned without a copy
     */
    boolean nextMember(boolean first, String... likely) {
        if (first && !tokens.take('{')) {
            return tokens.broken();
        }
        if (tokens.peek() == '}' && tokens.take('}')) {
            return false;
        }
        if (!first && !tokens.take(',')) {
            return tokens.broken();
        }
        name = tokens.string(likely);
        return tokens.take(':') || tokens.broken();
    }

    String name() {
        return name;
    }

    String string(String... likely) {
        return tokens.string(likely);
    }

    long integer() {
        return tokens.integer();
    }

    /** Skips a value of any type. */
    void skip() {
        skip(0);
    }

    private void skip(int depth) {
        switch (tokens.peek()) {
            case '"' -> tokens.string();
            case '{' -> skipObject(depth);
            case '[' -> skipArray(depth);
            case 't' -> tokens.word("true");
            case 'f' -> tokens.word("false");
            case 'n' -> tokens.word("null");
            default -> tokens.skipNumber();
        }
    }

    private void skipObject(int depth) {
        if (depth == MAX_DEPTH) {
            tokens.broken();
        }
        for (boolean first = true; nextMember(first); first = false) {
            skip(depth + 1);
        }
    }

    private void skipArray(int depth) {
        if (depth == MAX_DEPTH) {
            tokens.broken();
        }
        if (!tokens.take('[') || tokens.take(']')) {
            return;
        }
        do {
            skip(depth + 1);
        } while (tokens.take(','));
        if (!tokens.take(']')) {
            tokens.broken();
        }
    }
}
