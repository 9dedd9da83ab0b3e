package dev.sluice.access;

import dev.sluice.nats.SubjectPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The permissions of a caller: the allow and deny rules of each verb. Deny takes precedence, also if the two come from
 * different roles. Immutable.
 */
record Permissions(Map<Verb, Rule> rules) {
    /** Permissions for everything that is not reserved. */
    static final Permissions EVERYTHING = everything();

    /** Returns the union of what the grants allow, minus the union of what they deny. */
    static Permissions of(Collection<Grant> grants) {
        Map<Verb, Rule> rules = new EnumMap<>(Verb.class);
        for (Verb verb : Verb.values()) {
            List<SubjectPattern> allow = new ArrayList<>();
            List<SubjectPattern> deny = new ArrayList<>();
            for (Grant grant : grants) {
                if (grant.verb() == verb) {
                    allow.addAll(grant.allow());
                    deny.addAll(grant.deny());
                }
            }
            rules.put(verb, new Rule(SubjectPatternSet.of(allow), SubjectPatternSet.of(deny)));
        }
        return new Permissions(rules);
    }

    /** Returns whether everything that {@code asked} matches is allowed and nothing of it is denied. */
    boolean permit(Verb verb, String asked) {
        Rule rule = rule(verb);
        return rule.allow.cover(asked) && !rule.deny.touch(asked);
    }

    /** Returns whether a part of what {@code asked} matches is allowed and not denied. */
    boolean permitSome(Verb verb, String asked) {
        Rule rule = rule(verb);
        return rule.allow.touchOutside(rule.deny, asked);
    }

    /** Returns the patterns that are allowed for {@code verb}. */
    List<String> allowed(Verb verb) {
        return rule(verb).allow.patterns();
    }

    /** Returns the patterns that are denied for {@code verb}. They take precedence over the allowed ones. */
    List<String> denied(Verb verb) {
        return rule(verb).deny.patterns();
    }

    private Rule rule(Verb verb) {
        return Objects.requireNonNull(rules.get(verb));
    }

    private static Permissions everything() {
        List<SubjectPattern> all = List.of(new SubjectPattern(">"));
        List<Grant> grants = new ArrayList<>();
        for (Verb verb : Verb.values()) {
            grants.add(new Grant(verb, all, List.of()));
        }
        return of(grants);
    }

    /** What is allowed and denied for one verb. */
    record Rule(SubjectPatternSet allow, SubjectPatternSet deny) {}
}
