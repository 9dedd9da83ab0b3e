package dev.sluice.http;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.UriInfo;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks query parameters. Unknown ones are rejected by name, because a misspelled parameter would go unnoticed. */
public final class QueryParameters {
    private static final Pattern SEQUENCE = Pattern.compile("[1-9][0-9]{0,17}");
    private static final Pattern AMOUNT = Pattern.compile("[0-9]{1,9}");
    private static final String LIMIT = "limit";
    private static final String NEXT = "next";

    private QueryParameters() {}

    /**
     * Rejects a request with a parameter that is not known.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the first unknown parameter
     */
    public static void allow(UriInfo uri, String... known) {
        allow(uri.getQueryParameters().keySet(), Set.of(known));
    }

    /** Checks names like {@link #allow(UriInfo, String...)}, for a request that is not served by a resource. */
    public static void allow(Collection<String> asked, Set<String> known) {
        for (String name : asked) {
            if (!known.contains(name)) {
                String here = known.isEmpty() ? "none" : String.join(", ", new TreeSet<>(known));
                throw Failure.INVALID
                        .because("Unknown parameter " + name + "; known: " + here)
                        .in(name);
            }
        }
    }

    /**
     * Returns a revision or sequence, 1 or more; empty if the parameter is not given.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it is another text, or given more than once
     */
    public static OptionalLong sequence(@Nullable List<String> values, String name) {
        Optional<String> given = single(values, name);
        if (given.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!SEQUENCE.matcher(given.get()).matches()) {
            throw wrong(name, "must be a whole number, 1 or more");
        }
        return OptionalLong.of(Long.parseLong(given.get()));
    }

    /**
     * Returns the maximum number of items of a page, the parameter {@code limit}; empty if it is not given.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it is not 1 to {@code most}, or given more than once
     */
    public static OptionalInt limit(UriInfo uri, int most) {
        Optional<String> given = single(uri, LIMIT);
        if (given.isEmpty()) {
            return OptionalInt.empty();
        }
        int limit = AMOUNT.matcher(given.get()).matches() ? Integer.parseInt(given.get()) : 0;
        if (limit < 1 || limit > most) {
            throw wrong(LIMIT, "must be 1 to " + most);
        }
        return OptionalInt.of(limit);
    }

    /**
     * Requires that no page is asked for, for a listing as NDJSON.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if {@code limit} or {@code next} is given
     */
    public static void requireNoPage(UriInfo uri) {
        if (single(uri, LIMIT).isPresent() || single(uri, NEXT).isPresent()) {
            throw Failure.INVALID.because("A listing as " + JsonText.NDJSON + " has no pages: omit limit and next");
        }
    }

    /**
     * Returns the value of a switch; {@code otherwise} if the parameter is not given.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it is another text, or given more than once
     */
    public static boolean flag(@Nullable List<String> values, String name, boolean otherwise) {
        return single(values, name)
                .map(text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw wrong(name, "must be true or false");
                })
                .orElse(otherwise);
    }

    /** Returns the only value of a parameter as {@link #single(List, String)}. */
    public static Optional<String> single(UriInfo uri, String name) {
        return single(uri.getQueryParameters().get(name), name);
    }

    /** Returns the only value of a parameter as {@link #single(List, String)}. */
    public static Optional<String> single(MultiMap query, String name) {
        return single(query.getAll(name), name);
    }

    /**
     * Returns the only value of a parameter; empty if it is not given.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if the parameter is given more than once
     */
    public static Optional<String> single(@Nullable List<String> values, String name) {
        if (values == null) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw wrong(name, "must be given only once");
        }
        return values.stream().findFirst();
    }

    /**
     * Returns all values of a parameter, each parsed by its type; empty if it is not given.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it is given more than {@code most} times, and as
     *     {@link #parse}
     */
    public static <T> List<T> all(MultiMap query, String name, int most, Function<String, T> type) {
        List<String> given = query.getAll(name);
        if (given.size() > most) {
            throw wrong(name, "may be given at most " + most + " times");
        }
        return given.stream().map(text -> parse(name, text, type)).toList();
    }

    /** Parses a value by its type. A failure names the parameter. */
    public static <T> T parse(String name, String value, Function<String, T> type) {
        try {
            return type.apply(value);
        } catch (SluiceException wrong) {
            throw wrong.in(name);
        }
    }

    /** Returns the failure {@code INVALID} of the parameter {@code name}, which breaks {@code rule}. */
    public static SluiceException wrong(String name, String rule) {
        return Failure.INVALID.because("The parameter " + name + " " + rule).in(name);
    }
}
