package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the grants in the permissions claim of a token. A claim that cannot be parsed completely makes the whole token
 * invalid, because the unreadable part could contain the deny rules.
 */
final class PermissionsClaim {
    private static final int MAX_PATTERNS = 256;

    private PermissionsClaim() {}

    /** @throws SluiceException {@code UNAUTHENTICATED}, with the reason, if the claim cannot be parsed */
    static List<Grant> read(String claim) {
        if (claim.isEmpty()) {
            return List.of();
        }
        JsonObject verbs = object(claim);
        List<Grant> grants = new ArrayList<>();
        for (Map.Entry<String, JsonValue> entry : verbs.entrySet()) {
            if (!(entry.getValue() instanceof JsonObject rules)) {
                throw unreadable("has a verb that is not an object");
            }
            if (!List.of("allow", "deny").containsAll(rules.keySet())) {
                throw unreadable("has rules other than allow and deny");
            }
            Verb verb = verb(entry.getKey());
            grants.add(new Grant(verb, patterns(verb, rules.get("allow")), patterns(verb, rules.get("deny"))));
        }
        int patterns = grants.stream()
                .mapToInt(grant -> grant.allow().size() + grant.deny().size())
                .sum();
        if (patterns > MAX_PATTERNS) {
            throw unreadable("has more than " + MAX_PATTERNS + " patterns");
        }
        return grants;
    }

    private static JsonObject object(String claim) {
        try (JsonReader reader = Json.createReader(new StringReader(claim))) {
            if (reader.readValue() instanceof JsonObject verbs) {
                return verbs;
            }
        } catch (JsonException broken) {
            throw unreadable("is not JSON");
        }
        throw unreadable("is not an object");
    }

    private static Verb verb(String name) {
        for (Verb verb : Verb.values()) {
            if (verb.toString().equals(name)) {
                return verb;
            }
        }
        throw unreadable("has an unknown verb");
    }

    private static List<SubjectPattern> patterns(Verb verb, @Nullable JsonValue value) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonArray array)) {
            throw unreadable("has rules that are not a list");
        }
        return array.stream().map(pattern -> pattern(verb, pattern)).toList();
    }

    private static SubjectPattern pattern(Verb verb, JsonValue value) {
        if (!(value instanceof JsonString text)) {
            throw unreadable("has a pattern that is not a string");
        }
        try {
            return verb.pattern(text.getString());
        } catch (SluiceException broken) {
            throw unreadable("has an invalid pattern");
        }
    }

    private static SluiceException unreadable(String how) {
        return Failure.UNAUTHENTICATED.because("The permissions claim of the token " + how);
    }
}
