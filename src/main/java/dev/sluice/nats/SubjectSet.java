package dev.sluice.nats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The patterns of one subscription in canonical form: sorted, without patterns that another pattern covers. Callers
 * that select the same messages with different redundant patterns get equal sets and can share a subscription.
 */
public record SubjectSet(List<SubjectPattern> patterns) {
    /** Every subject. */
    public static final SubjectSet ALL = of(List.of(new SubjectPattern(">")));

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
     * Returns whether a message on {@code subject}, delivered for the pattern at {@code index}, is the copy to keep.
     * NATS delivers one copy per overlapping pattern ({@code a.*} and {@code *.b}); the first matching pattern owns it.
     */
    boolean owns(int index, String subject) {
        for (int earlier = 0; earlier < index; earlier++) {
            if (patterns.get(earlier).matches(subject)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a pattern matches {@code subject} and the subject is not reserved by NATS. */
    public boolean shows(String subject) {
        return !Subject.reserved(subject) && patterns.stream().anyMatch(pattern -> pattern.matches(subject));
    }

    /** Returns whether each pattern is covered by one of {@code others}, which may be reserved NATS subjects. */
    public boolean coveredBy(Collection<String> others) {
        return patterns.stream().allMatch(pattern -> others.stream().anyMatch(pattern::coveredBy));
    }

    /**
     * Returns whether each two patterns differ before their first wildcard. Then no subject can match two of them, and every
     * server selects them correctly: see {@link SubjectPattern#differsBeforeWildcards}.
     */
    public boolean differBeforeWildcards() {
        for (int i = 0; i < patterns.size(); i++) {
            for (int other = 0; other < i; other++) {
                if (!patterns.get(i).differsBeforeWildcards(patterns.get(other))) {
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
