package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Compares any sequence of offers and requests with a simple model. */
class HotMultiPropertyTest {

    /** A positive step is an offer of that many bytes, a negative step a request for that many items. */
    @Provide
    Arbitrary<Integer> steps() {
        return Arbitraries.integers().between(-3, 12).filter(step -> step != 0);
    }

    @Property(tries = 500)
    void behavesAsItsModel(
            @ForAll @Size(max = 60) List<@From("steps") Integer> steps,
            @ForAll Overflow overflow,
            @ForAll @IntRange(min = 1, max = 6) int maxItems,
            @ForAll @IntRange(min = 1, max = 30) int maxBytes) {
        ScriptedSource source = new ScriptedSource();
        AssertSubscriber<String> subscriber =
                source.behind(maxItems, maxBytes, overflow).subscribe().withSubscriber(AssertSubscriber.create());
        Model model = new Model(maxItems, maxBytes, overflow);

        int offered = 0;
        for (int step : steps) {
            if (step < 0) {
                subscriber.request(-step);
                model.request(-step);
            } else {
                String item = Character.toString('a' + offered++ % 26).repeat(step);
                source.offer(item);
                model.offer(item);
            }
            assertThat(subscriber.getItems()).isEqualTo(model.delivered);
            assertThat(source.dropped.sum()).isEqualTo(model.dropped);
            assertThat(subscriber.getFailure() != null).isEqualTo(model.failed && model.waiting.isEmpty());
            assertThat(source.closed).hasValue(subscriber.getFailure() != null ? 1 : 0);
        }
    }

    private static final class Model {
        private final int maxItems;
        private final int maxBytes;
        private final Overflow overflow;
        private final Deque<String> waiting = new ArrayDeque<>();
        private final List<String> delivered = new ArrayList<>();
        private long demand;
        private long dropped;
        private boolean failed;

        Model(int maxItems, int maxBytes, Overflow overflow) {
            this.maxItems = maxItems;
            this.maxBytes = maxBytes;
            this.overflow = overflow;
        }

        void request(int count) {
            demand += count;
            deliver();
        }

        void offer(String item) {
            if (failed) {
                return;
            }
            switch (overflow) {
                case FAIL -> {
                    if (tooFull(item)) {
                        dropped++;
                        failed = true;
                        return;
                    }
                }
                case DROP_NEWEST -> {
                    if (tooFull(item)) {
                        dropped++;
                        return;
                    }
                }
                case DROP_OLDEST -> {
                    while (tooFull(item)) {
                        waiting.remove();
                        dropped++;
                    }
                }
                case LATEST -> {
                    dropped += waiting.size();
                    waiting.clear();
                }
            }
            waiting.add(item);
            deliver();
        }

        private boolean tooFull(String item) {
            int bytes = waiting.stream().mapToInt(String::length).sum();
            return !waiting.isEmpty() && (waiting.size() == maxItems || bytes + item.length() > maxBytes);
        }

        private void deliver() {
            while (demand > 0 && !waiting.isEmpty()) {
                delivered.add(waiting.remove());
                demand--;
            }
        }
    }
}
