package dev.sluice.events;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayDeque;
import java.util.Queue;

/** Lets so many pieces of work begin at once; the others wait, first come, first served. Work is not to be cancelled. */
final class Turns {
    private final Queue<UniEmitter<? super Void>> waiting = new ArrayDeque<>();
    private int free;

    Turns(int limit) {
        this.free = limit;
    }

    <T> Uni<T> take(Uni<T> work) {
        return turn().chain(() -> work.onTermination().invoke(this::next));
    }

    synchronized int waiting() {
        return waiting.size();
    }

    private Uni<Void> turn() {
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                if (free == 0) {
                    waiting.add(emitter);
                    return;
                }
                free--;
            }
            emitter.complete(null);
        });
    }

    private void next() {
        UniEmitter<? super Void> first;
        synchronized (this) {
            first = waiting.poll();
            if (first == null) {
                free++;
            }
        }
        if (first != null) {
            first.complete(null);
        }
    }
}
