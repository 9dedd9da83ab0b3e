package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A page covers the names after the given one up to its end, whatever is removed while it is collected. */
class FirstNamesTest {
    private final FirstNames<String> page = page("", 2);

    @Test
    void hasTheFirstNamesInTheirOrder() {
        put("c", "b", "a");

        assertThat(page.values()).containsExactly("a", "b");
        assertThat(page.next()).contains("b");
    }

    @Test
    void isTheLastOneIfAllNamesFit() {
        put("b", "a");

        assertThat(page.values()).containsExactly("a", "b");
        assertThat(page.next()).isEmpty();
    }

    @Test
    void beginsAfterTheGivenName() {
        FirstNames<String> second = page("b", 2);

        List.of("a", "b", "c").forEach(name -> second.put(name, name));

        assertThat(second.values()).containsExactly("c");
    }

    @Test
    void hasTheLastValueOfAName() {
        page.put("a", "1");
        page.put("a", "2");

        assertThat(page.values()).containsExactly("2");
        assertThat(page.next()).isEmpty();
    }

    @Test
    void removesANameIfItsValueIsTheOne() {
        page.put("a", "1");

        page.removeIf("a", "2"::equals);
        page.removeIf("b", "1"::equals);
        assertThat(page.values()).containsExactly("1");

        page.removeIf("a", "1"::equals);
        assertThat(page.values()).isEmpty();
    }

    @Test
    void collectsOnlyWhatIsShown() {
        FirstNames<String> shown = new FirstNames<>(name -> !name.equals("a"), "", 1);

        List.of("a", "b").forEach(name -> shown.put(name, name));

        assertThat(shown.values()).containsExactly("b");
        assertThat(shown.next()).isEmpty();
    }

    @Test
    void continuesAfterAPageThatDeletionsHaveEmptied() {
        put("a", "b", "c");
        page.remove("a");
        page.remove("b");

        assertThat(page.values()).isEmpty();
        assertThat(page.next()).contains("b");
    }

    @Test
    void leavesEachLaterNameToTheNextPage() {
        put("a", "b", "c");
        page.remove("a");
        put("d");

        assertThat(page.values()).containsExactly("b");
        assertThat(page.next()).contains("b");
    }

    @Test
    void makesRoomForAnEarlierName() {
        put("b", "d", "e");
        page.remove("b");
        put("a", "c");

        assertThat(page.values()).containsExactly("a", "c");
        assertThat(page.next()).contains("c");
    }

    private void put(String... names) {
        for (String name : names) {
            page.put(name, name);
        }
    }

    private static FirstNames<String> page(String after, int limit) {
        return new FirstNames<>(name -> true, after, limit);
    }
}
