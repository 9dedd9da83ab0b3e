package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Requests for the same messages have equal subject sets, and each message has one owner. */
class SubjectSetTest {

    @Test
    void equalityIgnoresTheOrder() {
        assertThat(set("b", "a", "c.*")).isEqualTo(set("c.*", "b", "a"));
    }

    @Test
    void omitsPatternsThatAnotherPatternCovers() {
        assertThat(set("logs.web.info", "logs.>", "logs.*.error", "logs.>")).isEqualTo(set("logs.>"));
    }

    @Test
    void keepsPatternsThatOverlapWithoutCovering() {
        assertThat(set("a.*", "*.b").patterns()).hasSize(2);
    }

    @Test
    void assignsAMessageToOneOfTheOverlappingPatterns() {
        SubjectSet set = set("a.*", "*.b", "*.b.>");

        assertThat(owners(set, "a.b")).hasSize(1);
        assertThat(owners(set, "x.b")).hasSize(1);
    }

    @Property(tries = 1_000)
    void everyMatchHasExactlyOneOwner(@ForAll("patterns") List<String> patterns, @ForAll("subjects") String subject) {
        SubjectSet set =
                SubjectSet.of(patterns.stream().map(SubjectPattern::new).toList());
        boolean wanted = patterns.stream().anyMatch(pattern -> new SubjectPattern(pattern).matches(subject));

        assertThat(owners(set, subject)).hasSize(wanted ? 1 : 0);
    }

    @Provide
    Arbitrary<List<String>> patterns() {
        return Arbitraries.of("a", "a.b", "a.*", "*.b", "*.*", "a.>", "*.b.c", "*.*.c", "a.b.*", "x", "*", "b.>")
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> subjects() {
        return Arbitraries.of("a", "b", "x").list().ofMinSize(1).ofMaxSize(3).map(tokens -> String.join(".", tokens));
    }

    /** Returns the indexes of the patterns that NATS delivers a copy for and that own the message. */
    private static List<Integer> owners(SubjectSet set, String subject) {
        return IntStream.range(0, set.patterns().size())
                .filter(index -> set.patterns().get(index).matches(subject))
                .filter(index -> set.owns(index, subject))
                .boxed()
                .toList();
    }

    private static SubjectSet set(String... patterns) {
        return SubjectSet.of(Arrays.stream(patterns).map(SubjectPattern::new).toList());
    }
}
