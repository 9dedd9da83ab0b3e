package dev.sluice.events;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of a group, which one thread visits repeatedly. The cost of adding or removing a member does not depend
 * on their number, so a thousand members that leave at once cost a thousand times one.
 *
 * <p>A pass visits the indexes from 0 to its end, and other tasks of the thread may run in between. During a pass no
 * member changes its index: a removed member leaves a hole, and an added member is put after the end of the pass.
 * Otherwise the last member moves to the index of the removed one. Confined to one thread.
 */
final class MemberList<T> {
    private final IdentityHashMap<T, Integer> indexes = new IdentityHashMap<>();
    private final List<@Nullable T> members = new ArrayList<>();
    private final List<Integer> holes = new ArrayList<>();
    private int passes;

    /** Adds {@code member}; does nothing if it is a member. */
    void add(T member) {
        if (indexes.putIfAbsent(member, members.size()) == null) {
            members.add(member);
        }
    }

    /** Removes {@code member}; does nothing if it is not a member. */
    void remove(T member) {
        Integer index = indexes.remove(member);
        if (index == null) {
            return;
        }
        members.set(index, null);
        holes.add(index);
        if (passes == 0) {
            fillHoles();
        }
    }

    boolean isEmpty() {
        return indexes.isEmpty();
    }

    /** Begins a pass and returns its end, exclusive. {@link #endPass} must be called exactly once. */
    int beginPass() {
        passes++;
        return members.size();
    }

    /** Returns the member at {@code index}; null for a hole. */
    @Nullable
    T at(int index) {
        return members.get(index);
    }

    void endPass() {
        if (--passes == 0) {
            fillHoles();
        }
    }

    /** Runs {@code work} for each current member that is still a member at its turn. */
    void forEach(Consumer<? super T> work) {
        int end = beginPass();
        try {
            for (int index = 0; index < end; index++) {
                T member = members.get(index);
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
                    indexes.put(last, hole);
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
