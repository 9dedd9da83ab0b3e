package dev.sluice.nats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The patterns of one subscription in their canonical form: sorted, and without a pattern that another one covers. Two
 * callers that ask for the same messages in other words get equal sets, and so may share a subscription.
 */
public record SubjectSet(List<SubjectPattern> patterns) {

    public SubjectSet {
        patterns = List.copyOf(patterns);
    }

    public static SubjectSet of(Collection<SubjectPattern> asked) {
        List<SubjectPattern> kept = new ArrayList<>();
        for (SubjectPattern candidate : asked) {
            if (kept.stream().noneMatch(other -> other.covers(candidate))) {
                kept.removeIf(candidate::covers);
                kept.add(candidate);
            }
        }
        kept.sort(Comparator.comparing(SubjectPattern::value));
        return new SubjectSet(kept);
    }

    /**
     * Whether a message on {@code subject} that NATS delivered for the pattern at {@code index} is the one copy to keep.
     * Patterns that overlap ({@code a.*} and {@code *.b}) get a copy each; the first pattern that matches owns it.
     */
    boolean owns(int index, String subject) {
        for (int earlier = 0; earlier < index; earlier++) {
            if (patterns.get(earlier).matches(subject)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a message on {@code subject} is for whoever asked; NATS' own subjects are for nobody. */
    public boolean shows(String subject) {
        return !SubjectRules.reserved(subject) && patterns.stream().anyMatch(pattern -> pattern.matches(subject));
    }

    /** Whether each of these patterns is covered by one of {@code others}, which may be NATS' own subjects. */
    public boolean coveredBy(Collection<String> others) {
        return patterns.stream().allMatch(pattern -> others.stream().anyMatch(pattern::coveredBy));
    }

    /** Whether no subject matches two of the patterns. */
    public boolean disjoint() {
        for (int i = 0; i < patterns.size(); i++) {
            for (int other = 0; other < i; other++) {
                if (patterns.get(i).overlaps(patterns.get(other))) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return patterns.stream().map(SubjectPattern::value).collect(Collectors.joining(", "));
    }
}
