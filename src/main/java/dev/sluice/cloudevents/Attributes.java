package dev.sluice.cloudevents;

import dev.sluice.failure.Violation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The attributes of one event while it is read. Each broken rule is added to a list. */
final class Attributes {
    /** Maximum number of broken rules that are reported. */
    static final int MAX_VIOLATIONS = 20;

    private static final int MAX_NAME_LENGTH = 64;

    private final String path;
    private final List<Violation> violations;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final Set<String> broken = new HashSet<>();

    /** @param path prefix of attribute names in violations */
    Attributes(String path, List<Violation> violations) {
        this.path = path;
        this.violations = violations;
    }

    /** Records that an attribute or other member occurs. Returns false, with a violation, if it has occurred before. */
    boolean first(String name) {
        if (!seen.add(name)) {
            broken(name, "must occur only once");
            return false;
        }
        return true;
    }

    /** Adds the attribute. Its name was checked. */
    void put(String name, String value) {
        String rule = AttributeRules.ofValue(name, value);
        if (rule == null) {
            values.put(name, value);
        } else {
            broken(name, rule);
        }
    }

    /** Adds an attribute from a header. Null is a header whose encoding is broken. */
    void putDecoded(String name, @Nullable String value) {
        if (value == null) {
            broken(name, "must be printable ASCII, other characters percent-encoded as UTF-8");
        } else {
            put(name, value);
        }
    }

    void broken(String name, String rule) {
        broken.add(name);
        if (violations.size() < MAX_VIOLATIONS) {
            String shown = name.length() > MAX_NAME_LENGTH ? name.substring(0, MAX_NAME_LENGTH) + "…" : name;
            violations.add(new Violation(path + shown, rule));
        }
    }

    /** Returns the valid attributes. A required one that is not set is a violation. */
    Map<String, String> complete() {
        AttributeRules.REQUIRED.stream()
                .filter(name -> !values.containsKey(name) && !broken.contains(name))
                .forEach(name -> broken(name, "is required"));
        return values;
    }
}
