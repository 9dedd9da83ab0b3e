package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters that every server applies as Sluice does. */
class SelectionTest {

    @Test
    void onePatternIsAFilter() {
        assertThat(filters("a.*")).containsExactly("a.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a.> b.>", "x.a.* x.b.>", "a.b.* a.c b"})
    void patternsThatDifferBeforeTheirWildcardsAreFilters(String patterns) {
        assertThat(filters(patterns.split(" "))).containsExactly(patterns.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.* *.b", "a.* a.b.>", "*.a *.b", "a.*.x a.b.y", "a a.b", "b.> a.* a.b.c"})
    void otherPatternsAreNoFilters(String patterns) {
        assertThat(filters(patterns.split(" "))).isEmpty();
    }

    @Test
    void aFilterBeginsWithThePrefix() {
        SubjectSet subjects = SubjectSet.of(List.of(new SubjectPattern("a"), new SubjectPattern("b.*")));

        assertThat(new Selection("S", "e", "$KV.B.", subjects).filters()).containsExactly("$KV.B.a", "$KV.B.b.*");
    }

    private static List<String> filters(String... patterns) {
        return new Selection(
                        "S",
                        "e",
                        SubjectSet.of(
                                Arrays.stream(patterns).map(SubjectPattern::new).toList()))
                .filters();
    }
}
