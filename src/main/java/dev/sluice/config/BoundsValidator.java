package dev.sluice.config;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import io.smallrye.config.ConfigValidator;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilderCustomizer;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import io.smallrye.config.common.utils.StringUtil;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Validates the configuration of Sluice at startup: {@link AtLeast}, {@link AtMost} and {@link Matches}. A duration is
 * never negative, and a duration or a size fits in a {@code long}, also without an annotation.
 *
 * <p>Hibernate Validator could do the same, but would first read every mapping of Quarkus and its extensions: a sixth of the
 * startup time.
 */
public final class BoundsValidator implements SmallRyeConfigBuilderCustomizer, ConfigValidator {
    private static final String SLUICE = "dev.sluice.";
    /** Bound of a duration without a bound of its own: a sum of two is still a number of nanoseconds. */
    private static final String MAX_DURATION = "36500d";
    /** Bound of a size without a bound of its own. */
    private static final String MAX_SIZE = Long.toString(Long.MAX_VALUE);

    private static final MemorySizeConverter SIZES = new MemorySizeConverter();

    @Override
    public void configBuilder(SmallRyeConfigBuilder builder) {
        builder.withValidator(this);
    }

    @Override
    public void validateMapping(Class<?> mapping, String prefix, Object values) {
        if (!mapping.getName().startsWith(SLUICE)) {
            return;
        }
        List<Problem> problems = new ArrayList<>();
        checkGroup(mapping, prefix, values, problems);
        if (!problems.isEmpty()) {
            throw new ConfigValidationException(problems.toArray(Problem.NO_PROBLEMS));
        }
    }

    private static void checkGroup(Class<?> group, String prefix, Object values, List<Problem> problems) {
        for (Method accessor : group.getMethods()) {
            if (!accessor.isDefault()) {
                checkValue(accessor, key(prefix, accessor), read(accessor, values), problems);
            }
        }
    }

    private static void checkValue(Method accessor, String key, @Nullable Object value, List<Problem> problems) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, element) -> checkValue(accessor, key + "." + name, element, problems));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                checkValue(accessor, key + "[" + i + "]", list.get(i), problems);
            }
        } else if (value != null) {
            groupOf(value)
                    .ifPresentOrElse(
                            group -> checkGroup(group, key, value, problems),
                            () -> checkBounds(accessor, key, value, problems));
        }
    }

    private static void checkBounds(Method accessor, String key, Object value, List<Problem> problems) {
        String least = least(accessor, value);
        if (least != null && compare(value, least) < 0) {
            problems.add(new Problem(key + " must be at least " + least));
        }
        String most = most(accessor, value);
        if (most != null && compare(value, most) > 0) {
            problems.add(new Problem(key + " must be at most " + most));
        }
        Matches pattern = accessor.getAnnotation(Matches.class);
        if (pattern != null && !value.toString().matches(pattern.value())) {
            problems.add(new Problem(key + " must match " + pattern.value()));
        }
    }

    private static @Nullable String least(Method accessor, Object value) {
        AtLeast least = accessor.getAnnotation(AtLeast.class);
        return least != null ? least.value() : value instanceof Duration ? "0s" : null;
    }

    private static @Nullable String most(Method accessor, Object value) {
        AtMost most = accessor.getAnnotation(AtMost.class);
        if (most != null) {
            return most.value();
        }
        if (value instanceof Duration) {
            return MAX_DURATION;
        }
        return value instanceof MemorySize ? MAX_SIZE : null;
    }

    private static int compare(Object value, String bound) {
        if (value instanceof Duration duration) {
            return duration.compareTo(DurationConverter.parseDuration(bound));
        }
        return value instanceof MemorySize size
                ? size.asBigInteger().compareTo(SIZES.convert(bound).asBigInteger())
                : Long.compare(((Number) value).longValue(), Long.parseLong(bound));
    }

    private static String key(String prefix, Method accessor) {
        if (accessor.isAnnotationPresent(WithParentName.class)) {
            return prefix;
        }
        WithName named = accessor.getAnnotation(WithName.class);
        return prefix + "." + (named == null ? StringUtil.skewer(accessor.getName()) : named.value());
    }

    /** Returns the interface of a group of keys; SmallRye Config generates its implementation. */
    private static Optional<Class<?>> groupOf(Object value) {
        return Arrays.<Class<?>>stream(value.getClass().getInterfaces())
                .filter(type -> type.getName().startsWith(SLUICE))
                .findFirst();
    }

    /** Returns null for an optional value that is not set. */
    private static @Nullable Object read(Method accessor, Object group) {
        Object value;
        try {
            value = accessor.invoke(group);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("accessors are public and only return a value: " + accessor, e);
        }
        if (value instanceof Optional<?> optional) {
            return optional.orElse(null);
        }
        if (value instanceof OptionalInt optional) {
            return optional.isPresent() ? optional.getAsInt() : null;
        }
        if (value instanceof OptionalLong optional) {
            return optional.isPresent() ? optional.getAsLong() : null;
        }
        return value;
    }
}
