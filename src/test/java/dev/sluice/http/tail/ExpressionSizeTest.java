package dev.sluice.http.tail;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bound is not below the size of the compiled expression, and not far above that of usual ones. */
class ExpressionSizeTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "((a{1000})(?i){1000}){1000}",
                "(?:(?:a{1000,}){1000,}){1000,}",
                "(?P<x>(?P<y>a{0,1000}){0,1000})",
                "(([^]{9999]{1000}){1000})",
                "(([[:alpha:]]{1000}){1000})",
                "((\\Qa{2}\\E{1000}){1000})",
                "((\\Q(\\E{1000}){1000})",
                "((\\p{Greek}{1000}){1000})",
                "((\\({1000}){1000})",
                "((\\[{1000}){1000})",
                "(a(?i){1000}){1000}",
                "(aaaaaaaaaa{3}bbbbbbbbbbb){1000}",
                "(a|b|c|d|e|f|g|h){1000}",
                "a{1000}b{1000}c{1000}",
            })
    void tooLarge(String expression) {
        assertThat(ExpressionSize.of(expression)).isGreaterThan(ExpressionSize.MAX);
    }

    @Test
    void tooManyGroupsInEachOther() {
        assertThat(ExpressionSize.of("(".repeat(400) + ")".repeat(400))).isGreaterThan(ExpressionSize.MAX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a{1000}",
                "^.{0,1000}$",
                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "(\\d{1,3}\\.){3}\\d{1,3}",
                "\\x{999}\\x{1000}",
                "(\\x{999}){500}",
                "\\Q{1000}{1000}{1000}\\E",
                "[{1000}]{1000}",
                "\\{1000}{1000}",
                "{\"price\":1000}",
                "(?i)error|warn(ing)?|fatal",
                "(((((((a)))))))",
            })
    void usual(String expression) {
        assertThat(ExpressionSize.of(expression)).isLessThanOrEqualTo(ExpressionSize.MAX);
    }

    @Property(tries = 5_000)
    void isNotBelowTheSizeOfTheCompiledExpression(@ForAll("expressions") String expression) {
        int bound = ExpressionSize.of(expression);
        if (bound <= ExpressionSize.MAX) {
            assertThat(sizeOf(expression)).isLessThanOrEqualTo(bound);
        }
    }

    private static int sizeOf(String expression) {
        try {
            return Pattern.compile(expression).programSize();
        } catch (PatternSyntaxException invalid) {
            return 0;
        }
    }

    @Provide
    Arbitrary<String> expressions() {
        return Arbitraries.of(List.of(
                        "a",
                        "b",
                        "é",
                        "😀",
                        "(",
                        "(",
                        ")",
                        ")",
                        "(?:",
                        "(?i)",
                        "(?i:",
                        "(?P<n>",
                        "[",
                        "[^",
                        "]",
                        "[:alpha:]",
                        "-",
                        "|",
                        "*",
                        "+",
                        "?",
                        "{2}",
                        "{3,}",
                        "{0,4}",
                        "{0}",
                        "{007}",
                        "{,3}",
                        "{",
                        "}",
                        ",",
                        "\\",
                        "\\Q",
                        "\\E",
                        "\\d",
                        "\\pL",
                        "\\p{Greek}",
                        "\\x{41}",
                        "\\b",
                        "\\B",
                        "\\A",
                        "\\z",
                        "^",
                        "$",
                        ".",
                        "3",
                        "k"))
                .list()
                .ofMinSize(1)
                .ofMaxSize(14)
                .map(parts -> String.join("", parts));
    }
}
