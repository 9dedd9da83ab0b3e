package dev.sluice.failure;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A failure and the failures that caused it. */
public final class Causes {
    /** Maximum number of causes to look at. They may form a circle. */
    private static final int MAX_DEPTH = 20;

    private Causes() {}

    /** Returns the first of {@code failure} and its causes that is a {@code type}. */
    public static <T extends Throwable> Optional<T> find(@Nullable Throwable failure, Class<T> type) {
        return of(failure).filter(type::isInstance).map(type::cast).findFirst();
    }

    /** Returns {@code failure} and its causes, the nearest first. */
    public static Stream<Throwable> of(@Nullable Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_DEPTH);
    }
}
