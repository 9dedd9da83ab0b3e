package dev.sluice.access;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The grants of each configured role. */
@Singleton
final class Roles {
    private final Map<String, List<Grant>> grants = new HashMap<>();

    /** @throws ConfigurationException with the key of the pattern that is not valid */
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
                            grant(key, Verb.ADMINISTER, role.administer()),
                            grant(key, Verb.READ, role.read()),
                            grant(key, Verb.WRITE, role.write()),
                            grant(key, Verb.OBJECT_READ, role.objectRead()),
                            grant(key, Verb.OBJECT_WRITE, role.objectWrite())));
        });
    }

    boolean none() {
        return grants.isEmpty();
    }

    /**
     * Returns the caller with the grants of its roles and of its own claim. An unknown role grants nothing.
     *
     * @throws SluiceException {@code UNAUTHENTICATED} if the claim cannot be parsed
     */
    Caller caller(Identity identity) {
        List<Grant> found = new ArrayList<>(PermissionsClaim.read(identity.permissions()));
        for (String role : identity.roles()) {
            found.addAll(grants.getOrDefault(role, List.of()));
        }
        return new Caller(identity, Permissions.of(found));
    }

    private static Grant grant(String role, Verb verb, AccessConfig.Rules rules) {
        String key = role + verb;
        return new Grant(
                verb, patterns(verb, key + ".allow", rules.allow()), patterns(verb, key + ".deny", rules.deny()));
    }

    private static List<SubjectPattern> patterns(Verb verb, String key, Optional<List<String>> configured) {
        List<SubjectPattern> patterns = new ArrayList<>();
        for (String pattern : configured.orElse(List.of())) {
            try {
                patterns.add(verb.pattern(pattern));
            } catch (SluiceException broken) {
                throw new ConfigurationException(key + ": " + broken.getMessage() + "; the pattern is " + pattern);
            }
        }
        return patterns;
    }
}
