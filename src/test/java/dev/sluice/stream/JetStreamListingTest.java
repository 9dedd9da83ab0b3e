package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pages of a listing. In a cluster, streams without a leader are counted, but only their names are told. */
class JetStreamListingTest {
    @Test
    void theLastPageIsTheOneThatReachesTheTotalWithThoseWithoutALeader() {
        ListPage<String> page = page("{\"total\":3,\"streams\":[\"A\",\"C\"],\"missing\":[\"B\"]}", 0);

        assertThat(page.items()).containsExactly("A", "C");
        assertThat(page.unavailable()).containsExactly("B");
        assertThat(page.next()).isEmpty();
    }

    @Test
    void aPageOfStreamsWithoutALeaderDoesNotEndTheListing() {
        ListPage<String> page = page("{\"total\":5,\"streams\":[],\"missing\":[\"A\",\"B\"]}", 0);

        assertThat(page.items()).isEmpty();
        assertThat(page.next()).hasValue(2);
    }

    @Test
    void aStreamThatIsListedAndMissingIsOne() {
        ListPage<String> page = page("{\"total\":9,\"streams\":[\"A\"],\"missing\":[\"A\"]}", 4);

        assertThat(page.unavailable()).isEmpty();
        assertThat(page.next()).hasValue(5);
    }

    @Test
    void aNameIsToldOnlyToThoseWhoMaySeeIt() {
        ListPage<String> page = page("{\"total\":3,\"streams\":[\"A\"],\"missing\":[\"B\",\"C\"]}", 0);

        assertThat(page.only(item -> true, "C"::equals).unavailable()).containsExactly("C");
        assertThat(page.as(Optional::of, name -> Optional.<String>empty()).unavailable())
                .isEmpty();
    }

    @Test
    void anEmptyPageEndsTheListing() {
        assertThat(page("{\"total\":9,\"streams\":[]}", 4).next()).isEmpty();
    }

    private static ListPage<String> page(String answer, int offset) {
        return JetStreamJson.page(
                JetStreamJson.parse(answer), "streams", offset, stream -> String.valueOf(stream.string), name -> name);
    }
}
