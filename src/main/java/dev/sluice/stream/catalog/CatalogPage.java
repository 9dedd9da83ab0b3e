package dev.sluice.stream.catalog;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A part of a list, as much as the server gives at once: 256.
 *
 * @param next where the next part begins; empty behind the last
 */
public record CatalogPage<T>(List<T> items, OptionalInt next) {

    /** The same part without what {@code shown} does not let through. */
    public CatalogPage<T> only(Predicate<T> shown) {
        return new CatalogPage<>(items.stream().filter(shown).toList(), next);
    }
}
