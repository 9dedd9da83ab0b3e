package dev.sluice.stream.catalog;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * One page of a list, as returned by the server: at most 256 items.
 *
 * @param next offset of the next page; empty for the last page
 */
public record CatalogPage<T>(List<T> items, OptionalInt next) {

    /** Returns this page with only the items that match {@code shown}. */
    public CatalogPage<T> only(Predicate<T> shown) {
        return new CatalogPage<>(items.stream().filter(shown).toList(), next);
    }
}
