package dev.sluice.stream;

import java.util.function.Function;

/**
 * The result of a declaration.
 *
 * @param created whether it did not exist before
 * @param <T> what is declared, for example {@link StreamInfo}
 */
public record Declared<T>(T value, boolean created) {

    /** Returns this result with what {@code as} makes of the value. */
    public <U> Declared<U> map(Function<T, U> as) {
        return new Declared<>(as.apply(value), created);
    }
}
