package dev.sluice.stream.replay;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Collects a page of names in the order of their characters, each with its value: the first ones after a given name. A
 * later value of the same name takes precedence. Not thread-safe.
 *
 * @param <V> type of the values
 */
public final class FirstNames<V> {
    private final Predicate<String> shown;
    private final String after;
    private final int limit;
    private final NavigableMap<String, V> first = new TreeMap<>();
    private boolean more;

    /**
     * @param shown which names to collect
     * @param limit maximum number of names
     */
    public FirstNames(Predicate<String> shown, String after, int limit) {
        this.shown = shown;
        this.after = after;
        this.limit = limit;
    }

    public void put(String name, V value) {
        if (name.compareTo(after) > 0 && shown.test(name)) {
            first.put(name, value);
            if (first.size() > limit) {
                first.pollLastEntry();
                more = true;
            }
        }
    }

    public void remove(String name) {
        first.remove(name);
    }

    /** Returns the values in the order of their names. */
    public List<V> values() {
        return List.copyOf(first.values());
    }

    /** Returns whether more names may follow the last one. */
    public boolean more() {
        return more;
    }
}
