package dev.sluice.stream;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, as returned by the server: at most 256 items.
 *
 * @param unavailable names of those about which no server tells more now: their servers are down, or elect a leader
 * @param next offset of the next page; empty for the last page
 */
public record ListPage<T>(List<T> items, List<String> unavailable, OptionalInt next) {

    /** Returns {@link #next} as a field of JSON; null for the last page. */
    public @Nullable Integer nextOffset() {
        return next.isPresent() ? next.getAsInt() : null;
    }

    /** Returns this page with only the items that match {@code shown}, and the names that match {@code named}. */
    public ListPage<T> only(Predicate<T> shown, Predicate<String> named) {
        return new ListPage<>(
                items.stream().filter(shown).toList(),
                unavailable.stream().filter(named).toList(),
                next);
    }

    /** Returns this page with what {@code kind} and {@code name} make of the items and the names, without the others. */
    public <U> ListPage<U> as(Function<T, Optional<U>> kind, Function<String, Optional<String>> name) {
        return new ListPage<>(
                items.stream().map(kind).flatMap(Optional::stream).toList(),
                unavailable.stream().map(name).flatMap(Optional::stream).toList(),
                next);
    }
}
