package dev.sluice.access;

import dev.sluice.nats.SubjectPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The set of all subjects that at least one of several patterns matches. Answers the questions of permission checks
 * exactly. Several patterns together can cover a pattern that no single one covers: {@code a.*} and {@code a.*.>}
 * together cover {@code a.>}.
 *
 * <p>A subject without wildcards, which most requests ask for, is compared with one pattern after the other. Otherwise
 * both checks compare the tokens from left to right. A wildcard in the requested pattern stands for every token,
 * including tokens that no pattern names, so only wildcards can cover it.
 *
 * @param patterns the patterns, without repetitions, in the order in which they were given
 * @param tokenized the patterns, each as its tokens
 */
record SubjectPatternSet(List<String> patterns, List<List<String>> tokenized) {
    private static final String ONE = "*";
    private static final String REST = ">";

    static SubjectPatternSet of(Collection<SubjectPattern> patterns) {
        List<String> values =
                patterns.stream().map(SubjectPattern::value).distinct().toList();
        return new SubjectPatternSet(
                values, values.stream().map(SubjectPatternSet::tokens).toList());
    }

    /**
     * Returns whether every subject that {@code asked} matches is in this set. {@code asked} is a pattern or a subject.
     */
    boolean cover(String asked) {
        return isPattern(asked) ? cover(tokens(asked), tokenized) : has(asked);
    }

    /**
     * Returns whether at least one subject that {@code asked} matches is in this set. {@code asked} is a pattern or a
     * subject.
     */
    boolean touch(String asked) {
        if (!isPattern(asked)) {
            return has(asked);
        }
        List<String> tokens = tokens(asked);
        return tokenized.stream()
                .anyMatch(pattern -> intersection(tokens, pattern).isPresent());
    }

    /**
     * Returns whether at least one subject that {@code asked} matches is in this set and not in {@code excluded}.
     * {@code asked} is a pattern or a subject.
     */
    boolean touchOutside(SubjectPatternSet excluded, String asked) {
        if (!isPattern(asked)) {
            return has(asked) && !excluded.has(asked);
        }
        List<String> tokens = tokens(asked);
        return tokenized.stream()
                .flatMap(pattern -> intersection(tokens, pattern).stream())
                .anyMatch(common -> !cover(common, excluded.tokenized));
    }

    private boolean has(String subject) {
        for (String pattern : patterns) {
            if (SubjectPattern.covers(pattern, subject)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPattern(String asked) {
        return asked.indexOf('*') >= 0 || asked.indexOf('>') >= 0;
    }

    private static boolean cover(List<String> asked, List<List<String>> left) {
        if (left.isEmpty()) {
            return false;
        }
        if (asked.isEmpty()) {
            return left.stream().anyMatch(List::isEmpty);
        }
        if (left.stream().anyMatch(SubjectPatternSet::isRest)) {
            return true;
        }
        String token = asked.get(0);
        List<List<String>> next = left.stream()
                .filter(pattern -> !pattern.isEmpty())
                .filter(pattern -> pattern.get(0).equals(ONE) || pattern.get(0).equals(token))
                .map(SubjectPatternSet::afterFirst)
                .toList();
        return isRest(asked)
                ? next.stream().anyMatch(List::isEmpty) && cover(asked, next)
                : cover(afterFirst(asked), next);
    }

    /** Returns the pattern that matches what both match; empty if there is no such subject. */
    private static Optional<List<String>> intersection(List<String> one, List<String> other) {
        List<String> common = new ArrayList<>();
        int shorter = Math.min(one.size(), other.size());
        for (int i = 0; i < shorter; i++) {
            String token = one.get(i);
            String against = other.get(i);
            if (token.equals(REST) || against.equals(REST)) {
                List<String> narrower = token.equals(REST) ? other : one;
                common.addAll(narrower.subList(i, narrower.size()));
                return Optional.of(common);
            }
            if (!token.equals(against) && !token.equals(ONE) && !against.equals(ONE)) {
                return Optional.empty();
            }
            common.add(token.equals(ONE) ? against : token);
        }
        return one.size() == other.size() ? Optional.of(common) : Optional.empty();
    }

    private static boolean isRest(List<String> pattern) {
        return !pattern.isEmpty() && pattern.get(0).equals(REST);
    }

    private static List<String> afterFirst(List<String> tokens) {
        return tokens.subList(1, tokens.size());
    }

    private static List<String> tokens(String subject) {
        return List.of(subject.split("\\.", -1));
    }
}
