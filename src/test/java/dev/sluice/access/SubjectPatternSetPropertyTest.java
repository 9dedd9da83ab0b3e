package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.SubjectPattern;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares the set arithmetic with brute force over every subject of up to five tokens. The alphabet has one token that
 * no pattern names. Patterns have at most four tokens, so five tokens cover all cases.
 */
class SubjectPatternSetPropertyTest {
    private static final List<String> EVERY_SUBJECT = subjects(5, "a", "b", "fresh");

    @Property(tries = 5_000)
    void coversTheSameSubjectsAsBruteForce(@ForAll("patterns") List<String> allowed, @ForAll("pattern") String asked) {
        boolean covered = matchedBy(asked).stream().allMatch(subject -> matches(allowed, subject));

        assertThat(patterns(allowed).cover(asked))
                .as("%s covers %s", allowed, asked)
                .isEqualTo(covered);
    }

    @Property(tries = 5_000)
    void overlapsLikeBruteForce(@ForAll("patterns") List<String> denied, @ForAll("pattern") String asked) {
        boolean touched = matchedBy(asked).stream().anyMatch(subject -> matches(denied, subject));

        assertThat(patterns(denied).touch(asked))
                .as("%s touches %s", denied, asked)
                .isEqualTo(touched);
    }

    @Property(tries = 5_000)
    void overlapsOutsideOfAnotherSetLikeBruteForce(
            @ForAll("patterns") List<String> allowed,
            @ForAll("patterns") List<String> denied,
            @ForAll("pattern") String asked) {
        boolean left =
                matchedBy(asked).stream().anyMatch(subject -> matches(allowed, subject) && !matches(denied, subject));

        assertThat(patterns(allowed).touchOutside(patterns(denied), asked))
                .as("%s without %s touches %s", allowed, denied, asked)
                .isEqualTo(left);
    }

    /** The name of an object may have empty tokens, unlike a subject. */
    @ParameterizedTest
    @CsvSource({
        "S.a, S.a., false",
        "S.*, S.a., false",
        "S.*, S.., false",
        "S.*, S., true",
        "S.a.>, S.a., true",
        "S.a.*, S.a., true",
        "S.a.>, S.a, false",
        "S.>, S.., true"
    })
    void comparesEmptyTokens(String pattern, String asked, boolean covered) {
        assertThat(patterns(List.of(pattern)).cover(asked)).isEqualTo(covered);
        assertThat(patterns(List.of(pattern)).touch(asked)).isEqualTo(covered);
    }

    @Provide
    Arbitrary<List<String>> patterns() {
        return pattern().list().ofMaxSize(5);
    }

    @Provide
    Arbitrary<String> pattern() {
        Arbitrary<List<String>> tokens =
                Arbitraries.of("a", "b", "*").list().ofMinSize(1).ofMaxSize(3);
        return Combinators.combine(tokens, Arbitraries.of("", ".>"))
                .as((path, end) -> String.join(".", path) + end)
                .edgeCases(edges -> edges.add(">"));
    }

    private static SubjectPatternSet patterns(List<String> patterns) {
        return SubjectPatternSet.of(patterns.stream().map(SubjectPattern::new).toList());
    }

    private static List<String> matchedBy(String pattern) {
        return EVERY_SUBJECT.stream()
                .filter(subject -> matches(List.of(pattern), subject))
                .toList();
    }

    /** Uses regular expressions to share no logic with the code under test. */
    private static boolean matches(List<String> patterns, String subject) {
        return patterns.stream()
                .map(pattern ->
                        pattern.replace(".", "\\.").replace("*", "[^.]+").replace(">", ".+"))
                .anyMatch(subject::matches);
    }

    private static List<String> subjects(int longest, String... alphabet) {
        List<String> all = new ArrayList<>();
        List<String> shorter = List.of("");
        for (int length = 1; length <= longest; length++) {
            List<String> next = new ArrayList<>();
            for (String start : shorter) {
                for (String token : alphabet) {
                    next.add(start.isEmpty() ? token : start + "." + token);
                }
            }
            all.addAll(next);
            shorter = next;
        }
        return all;
    }
}
