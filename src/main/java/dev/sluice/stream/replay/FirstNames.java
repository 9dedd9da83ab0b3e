package dev.sluice.stream.replay;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Collects a page of names in the order of their characters, each with its value: the first ones after a given name. A
 * later value of the same name takes precedence. Not thread-safe.
 *
 * <p>Once there are more names than the page takes, its end is the last name that it has then. The page has all names up
 * to its end and none after it, also if names are removed from it later: the next page begins after the end.
 *
 * @param <V> type of the values
 */
public final class FirstNames<V> {
    private final Predicate<String> shown;
    private final String after;
    private final int limit;
    private final NavigableMap<String, V> first = new TreeMap<>();
    private @Nullable String end;

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
        if (name.compareTo(after) > 0 && (end == null || name.compareTo(end) <= 0) && shown.test(name)) {
            first.put(name, value);
            if (first.size() > limit) {
                first.pollLastEntry();
                end = first.lastKey();
            }
        }
    }

    public void remove(String name) {
        first.remove(name);
    }

    /** Removes the name if {@code condition} holds for its value. */
    public void removeIf(String name, Predicate<? super V> condition) {
        V value = first.get(name);
        if (value != null && condition.test(value)) {
            first.remove(name);
        }
    }

    /** Returns the values in the order of their names. */
    public List<V> values() {
        return List.copyOf(first.values());
    }

    /** Returns the name after which the next page begins; empty if there are no more names. */
    public Optional<String> next() {
        return Optional.ofNullable(end);
    }
}
