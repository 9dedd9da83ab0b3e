package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Members are added and removed during a pass. */
class MemberListTest {
    private final MemberList<String> list = new MemberList<>();

    @Test
    void visitsAllMembers() {
        members(5).forEach(list::add);

        assertThat(seen()).containsExactlyInAnyOrderElementsOf(members(5));
    }

    @Test
    void removesMembersInAnyOrder() {
        List<String> members = new ArrayList<>(members(100));
        members.forEach(list::add);
        Collections.shuffle(members, new Random(7));

        while (!members.isEmpty()) {
            list.remove(members.remove(members.size() - 1));
            assertThat(seen()).containsExactlyInAnyOrderElementsOf(members);
        }
        assertThat(list.isEmpty()).isTrue();
    }

    @Test
    void aMemberIsAddedOnce() {
        list.add("a");
        list.add("a");
        assertThat(seen()).containsExactly("a");

        list.remove("a");

        assertThat(seen()).isEmpty();
    }

    @Test
    void ignoresTheRemovalOfAnUnknownMember() {
        list.add("a");

        list.remove("b");

        assertThat(seen()).containsExactly("a");
    }

    @Test
    void aPassSkipsOnlyMembersThatAreRemovedMeanwhile() {
        members(10).forEach(list::add);
        List<String> seen = new ArrayList<>();
        int end = list.beginPass();
        for (int index = 0; index < end; index++) {
            String member = list.at(index);
            if (member != null) {
                seen.add(member);
            }
            if (index == 4) {
                List.of("0", "3", "6", "9").forEach(list::remove);
                list.add("new");
            }
        }
        list.endPass();

        assertThat(seen).containsExactly("0", "1", "2", "3", "4", "5", "7", "8");
        assertThat(seen()).containsExactlyInAnyOrder("1", "2", "4", "5", "7", "8", "new");
    }

    @Test
    void aPassWithinAPassMovesNoMember() {
        members(4).forEach(list::add);
        int end = list.beginPass();
        list.forEach(list::remove);
        list.add("new");

        assertThat(IntStream.range(0, end).mapToObj(list::at)).containsOnlyNulls();
        list.endPass();

        assertThat(seen()).containsExactly("new");
    }

    private List<String> seen() {
        List<String> seen = new ArrayList<>();
        list.forEach(seen::add);
        return seen;
    }

    /** Interned, because {@link MemberList} compares members by identity and tests name them by literals. */
    private static List<String> members(int count) {
        return IntStream.range(0, count)
                .mapToObj(Integer::toString)
                .map(String::intern)
                .toList();
    }
}
