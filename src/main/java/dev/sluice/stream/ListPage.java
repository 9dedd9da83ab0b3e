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
 * @param next offset of the next page; empty for the last page
 */
public record ListPage<T>(List<T> items, OptionalInt next) {

    /** Returns {@link #next} as a field of JSON; null for the last page. */
    public @Nullable Integer nextOffset() {
        return next.isPresent() ? next.getAsInt() : null;
    }

    /** Returns this page with only the items that match {@code shown}. */
    public ListPage<T> only(Predicate<T> shown) {
        return new ListPage<>(items.stream().filter(shown).toList(), next);
    }

    /** Returns this page with what {@code kind} makes of the items, without those of which it makes nothing. */
    public <U> ListPage<U> as(Function<T, Optional<U>> kind) {
        return new ListPage<>(items.stream().map(kind).flatMap(Optional::stream).toList(), next);
    }
}
