package dev.sluice.deploy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import io.smallrye.config.common.utils.StringUtil;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The configuration keys that the code reads, from its {@code @ConfigMapping} interfaces. */
final class ConfigKeys {
    /** Placeholder for a name that the operator chooses. */
    private static final String NAME = "<NAME>";

    private static final List<Key> ALL = read();

    /** The variables of the keys that {@code application.properties} sets. */
    private static final Set<String> SET = set();

    private ConfigKeys() {}

    /**
     * One key.
     *
     * @param accessor the method that reads the key
     * @param type the type of the value, without {@code Optional}
     */
    record Key(String name, Class<?> mapping, Method accessor, Type type, Optional<String> defaultValue) {
        private boolean is(String key) {
            return Pattern.matches(Pattern.quote(name).replace(NAME, "\\E[^.]+\\Q"), key);
        }

        private boolean isVariable(String variable) {
            return variable.matches(
                    Stream.of(name.split(NAME, -1)).map(ConfigKeys::variable).collect(Collectors.joining("[A-Z0-9]+")));
        }
    }

    /** Returns all keys, grouped by mapping interface and sorted by name. */
    static List<Key> all() {
        return ALL;
    }

    static boolean knows(String key) {
        return ALL.stream().anyMatch(known -> known.is(key));
    }

    /**
     * Returns whether {@code variable} is the environment variable of a key. A chosen name has an underscore only in keys that
     * {@code application.properties} sets: otherwise it would match the rest of any misspelt key.
     */
    static boolean knowsVariable(String variable) {
        return ALL.stream().anyMatch(known -> known.isVariable(variable)) || SET.contains(variable);
    }

    private static String variable(String key) {
        return StringUtil.replaceNonAlphanumericByUnderscores(key).toUpperCase(Locale.ROOT);
    }

    private static Set<String> set() {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            properties.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.stringPropertyNames().stream()
                .filter(ConfigKeys::knows)
                .map(ConfigKeys::variable)
                .collect(Collectors.toSet());
    }

    static String prefix(Class<?> mapping) {
        return mapping.getAnnotation(ConfigMapping.class).prefix();
    }

    static String defaultOf(String key) {
        return ALL.stream()
                .filter(known -> known.is(key))
                .findFirst()
                .flatMap(Key::defaultValue)
                .orElseThrow();
    }

    private static List<Key> read() {
        List<Key> keys = new ArrayList<>();
        for (JavaClass type :
                new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages("dev.sluice")) {
            if (type.isAnnotatedWith(ConfigMapping.class)) {
                Class<?> mapping = type.reflect();
                collect(prefix(mapping), mapping, mapping, keys);
            }
        }
        keys.sort(Comparator.comparing(key -> key.mapping().getName()));
        return List.copyOf(keys);
    }

    private static void collect(String prefix, Class<?> mapping, Class<?> group, Collection<Key> keys) {
        Arrays.stream(group.getMethods())
                .filter(method -> !method.isDefault() && !method.isSynthetic())
                .sorted(Comparator.comparing(Method::getName))
                .forEach(method -> collect(name(prefix, method), mapping, method, method.getGenericReturnType(), keys));
    }

    private static void collect(String name, Class<?> mapping, Method method, Type type, Collection<Key> keys) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            collect(name + "." + NAME, mapping, method, generic.getActualTypeArguments()[1], keys);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            collect(name, mapping, method, generic.getActualTypeArguments()[0], keys);
        } else if (type instanceof Class<?> group
                && group.isInterface()
                && group.getName().startsWith("dev.sluice")) {
            collect(name, mapping, group, keys);
        } else {
            WithDefault value = method.getAnnotation(WithDefault.class);
            keys.add(new Key(
                    name, mapping, method, type, Optional.ofNullable(value).map(WithDefault::value)));
        }
    }

    private static String name(String prefix, Method method) {
        if (method.isAnnotationPresent(WithParentName.class)) {
            return prefix;
        }
        WithName named = method.getAnnotation(WithName.class);
        return prefix + "." + (named == null ? StringUtil.skewer(method.getName()) : named.value());
    }
}
