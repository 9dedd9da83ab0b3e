package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Tests that the last N messages of some subjects are found wherever they are in the stream, with few requests. */
class LastMessagesSearchTest {

    @Property(tries = 2_000)
    void findsWhereTheLastOnesBegin(
            @ForAll @Size(max = 60) Set<@LongRange(min = 5, max = 3_000) Long> wanted,
            @ForAll @IntRange(max = 80) int count) {
        TreeSet<Long> stored = new TreeSet<>(wanted);

        LastMessagesSearch search = run(new LastMessagesSearch(5, 3_000, count), stored);

        long expected = Math.min(count, stored.size());
        assertThat(stored.tailSet(search.sequence())).hasSize((int) expected);
    }

    @Test
    void asksOnceIfNothingElseIsStored() {
        LastMessagesSearch search = new LastMessagesSearch(1, 1_000_000, 100);

        assertThat(search.sequence()).isEqualTo(999_901);
        assertThat(search.counted(100).found()).isTrue();
    }

    @Test
    void asksAHandfulOfTimesInALargeStream() {
        TreeSet<Long> stored = new TreeSet<>(List.of(17L, 4_711L, 900_000_000L));
        LastMessagesSearch search = new LastMessagesSearch(1, 1_000_000_000, 2);
        int questions = 0;
        while (!search.found()) {
            search = search.counted(stored.tailSet(search.sequence()).size());
            questions++;
        }

        assertThat(stored.tailSet(search.sequence())).containsExactly(4_711L, 900_000_000L);
        assertThat(questions).isLessThan(60);
    }

    @Test
    void anEmptyStreamIsNotRead() {
        assertThat(new LastMessagesSearch(11, 10, 5).found()).isTrue();
        assertThat(new LastMessagesSearch(11, 10, 5).sequence()).isEqualTo(11);
    }

    private static LastMessagesSearch run(LastMessagesSearch search, NavigableSet<Long> stored) {
        LastMessagesSearch now = search;
        while (!now.found()) {
            now = now.counted(stored.tailSet(now.sequence()).size());
        }
        return now;
    }
}
