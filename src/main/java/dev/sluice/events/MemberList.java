package dev.sluice.events;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of a group, whom one thread goes through again and again. Adding and removing one costs the same however
 * many there are, so a thousand who leave at once cost a thousand times one.
 *
 * <p>A pass goes through the places from 0 to its end, and may be interrupted by other tasks of the thread. As long as
 * one is under way no member changes its place: who is removed leaves a hole, who is added comes behind the end that the
 * pass has seen. Else the last member moves to the place of the removed one. One thread only.
 */
final class MemberList<T> {
    private final IdentityHashMap<T, Integer> places = new IdentityHashMap<>();
    private final List<@Nullable T> members = new ArrayList<>();
    private final List<Integer> holes = new ArrayList<>();
    private int passes;

    void add(T member) {
        places.put(member, members.size());
        members.add(member);
    }

    /** Nothing happens if {@code member} is none. */
    void remove(T member) {
        Integer place = places.remove(member);
        if (place == null) {
            return;
        }
        members.set(place, null);
        holes.add(place);
        if (passes == 0) {
            fillHoles();
        }
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    /** How many members there are. */
    int count() {
        return places.size();
    }

    /** Begins a pass; {@link #endPass} is due exactly once. Returns the end of its places. */
    int beginPass() {
        passes++;
        return members.size();
    }

    /** The member at {@code place}; null at a hole. */
    @Nullable
    T at(int place) {
        return members.get(place);
    }

    void endPass() {
        if (--passes == 0) {
            fillHoles();
        }
    }

    /** Everybody who is a member now, and still is when its turn comes. */
    void forEach(Consumer<? super T> work) {
        int end = beginPass();
        try {
            for (int place = 0; place < end; place++) {
                T member = members.get(place);
                if (member != null) {
                    work.accept(member);
                }
            }
        } finally {
            endPass();
        }
    }

    private void fillHoles() {
        for (int hole : holes) {
            trim();
            if (hole < members.size()) {
                T last = members.remove(members.size() - 1);
                if (last != null) {
                    members.set(hole, last);
                    places.put(last, hole);
                }
            }
        }
        trim();
        holes.clear();
    }

    private void trim() {
        while (!members.isEmpty() && members.get(members.size() - 1) == null) {
            members.remove(members.size() - 1);
        }
    }
}
