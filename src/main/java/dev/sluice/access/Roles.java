package dev.sluice.access;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each configured role grants. */
@Singleton
final class Roles {
    private final Map<String, List<Grant>> grants = new HashMap<>();

    /** @throws ConfigurationException naming the key whose pattern breaks a rule */
    @Inject
    Roles(AccessConfig config) {
        config.roles().forEach((name, role) -> {
            String key = "sluice.access.roles." + name + ".";
            grants.put(
                    name,
                    List.of(
                            grant(key, Verb.PUBLISH, role.publish()),
                            grant(key, Verb.SUBSCRIBE, role.subscribe()),
                            grant(key, Verb.REQUEST, role.request()),
                            grant(key, Verb.CONSUME, role.consume()),
                            grant(key, Verb.ADMINISTER, role.administer())));
        });
    }

    boolean none() {
        return grants.isEmpty();
    }

    /** Everything that these roles grant together; a name that is no role grants nothing. */
    List<Grant> of(Collection<String> names) {
        List<Grant> found = new ArrayList<>();
        for (String name : names) {
            found.addAll(grants.getOrDefault(name, List.of()));
        }
        return found;
    }

    private static Grant grant(String role, Verb verb, AccessConfig.Rules rules) {
        String key = role + verb;
        return new Grant(verb, patterns(key + ".allow", rules.allow()), patterns(key + ".deny", rules.deny()));
    }

    private static List<SubjectPattern> patterns(String key, Optional<List<String>> configured) {
        List<SubjectPattern> patterns = new ArrayList<>();
        for (String pattern : configured.orElse(List.of())) {
            try {
                patterns.add(new SubjectPattern(pattern));
            } catch (SluiceException broken) {
                throw new ConfigurationException(key + ": " + broken.getMessage() + ", not " + pattern);
            }
        }
        return patterns;
    }
}
