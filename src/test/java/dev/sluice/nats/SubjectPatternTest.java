package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matching subjects, and containment of patterns in other patterns. */
class SubjectPatternTest {

    /** All subjects of one to four tokens. For the patterns below, this alphabet is equivalent to any larger one. */
    private static final List<String> SUBJECTS = subjects(List.of("a", "b", "x"), 4);

    @ParameterizedTest
    @CsvSource({
        "service.*.events, service.orders.events",
        "orders.>, orders.created",
        "orders.>, orders.created.eu.1",
        ">, a",
        ">, a.b.c",
        "*, a",
        "*.*, a.b",
        "*.b.>, a.b.c.d",
        "a.b, a.b",
        "größe.*, größe.日本語"
    })
    void matches(String pattern, String subject) {
        assertThat(new SubjectPattern(pattern).matches(subject)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "service.*.events, service.orders.internal.events",
        "service.*.events, service.events",
        "orders.>, orders",
        "orders.>, ordersx.created",
        "*, a.b",
        "*.*, a",
        "*.*, a.b.c",
        "a.b, a.bc",
        "a.b, a",
        "a, a.b",
        "a.b, A.b"
    })
    void doesNotMatch(String pattern, String subject) {
        assertThat(new SubjectPattern(pattern).matches(subject)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.>.b", ">.a", "a.b*", "*a", "a.>>", "**", "a..b", "", "a.", "a b.*", "a.\r\n"})
    void breaksARule(String pattern) {
        assertThat(refusal(pattern)).isEqualTo(Failure.BAD_SUBJECT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$JS.>", "$SYS.>", "_INBOX.>", "_INBOX.*", "$*"})
    void isReservedByNats(String pattern) {
        assertThat(refusal(pattern)).isEqualTo(Failure.RESERVED_SUBJECT);
    }

    @Test
    void hasAtMost1024Bytes() {
        assertThat(refusal("a".repeat(1023) + ".>")).isEqualTo(Failure.BAD_SUBJECT);
    }

    @Property(tries = 2_000)
    void matchesLikeTheEquivalentRegularExpression(@ForAll("patterns") SubjectPattern pattern) {
        String regex = Arrays.stream(pattern.value().split("\\."))
                .map(token -> token.equals("*") ? "[^.]+" : token.equals(">") ? ".+" : token)
                .reduce((left, right) -> left + "\\." + right)
                .orElseThrow();

        assertThat(SUBJECTS.stream().filter(pattern::matches))
                .isEqualTo(SUBJECTS.stream()
                        .filter(subject -> subject.matches(regex))
                        .toList());
    }

    @Property(tries = 5_000)
    void coversPatternsThatMatchASubset(
            @ForAll("patterns") SubjectPattern wide, @ForAll("patterns") SubjectPattern narrow) {
        boolean everything = SUBJECTS.stream().filter(narrow::matches).allMatch(wide::matches);

        assertThat(wide.covers(narrow)).isEqualTo(everything);
    }

    @Provide
    Arbitrary<SubjectPattern> patterns() {
        Arbitrary<List<String>> tokens =
                Arbitraries.of("a", "b", "*").list().ofMinSize(0).ofMaxSize(3);
        return Combinators.combine(tokens, Arbitraries.of("a", "*", ">"))
                .as((before, last) -> {
                    List<String> all = new ArrayList<>(before);
                    all.add(last);
                    return new SubjectPattern(String.join(".", all));
                })
                .filter(pattern -> SUBJECTS.stream().anyMatch(pattern::matches));
    }

    private static List<String> subjects(List<String> tokens, int depth) {
        List<String> all = new ArrayList<>(tokens);
        List<String> longest = tokens;
        for (int i = 1; i < depth + 1; i++) {
            longest = longest.stream()
                    .flatMap(prefix -> tokens.stream().map(token -> prefix + "." + token))
                    .toList();
            all.addAll(longest);
        }
        return all;
    }

    private static Failure refusal(String pattern) {
        SluiceException refused = catchThrowableOfType(SluiceException.class, () -> new SubjectPattern(pattern));
        assertThat(refused).as("refusal of '%s'", pattern).isNotNull();
        return refused.failure();
    }
}
