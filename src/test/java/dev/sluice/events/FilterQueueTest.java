package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Which messages a filter evaluates, and how it is notified of dropped messages. */
class FilterQueueTest {
    private final Queue<Runnable> workers = new ArrayDeque<>();
    private final List<String> seen = new ArrayList<>();
    private final FilterQueue queue = new FilterQueue(listener(), workers::add, 4);

    @Test
    void evaluatesNothingOnTheThreadOfTheFeed() {
        offer("a");

        assertThat(seen).isEmpty();
        work();
        assertThat(seen).containsExactly("a");
    }

    @Test
    void isScheduledOnceForManyMessages() {
        offer("a", "b", "c");

        assertThat(workers).hasSize(1);
    }

    @Test
    void reportsDroppedMessagesOnce() {
        offer("ab", "cd", "e", "f", "g");
        work();
        offer("h");
        work();

        assertThat(seen).containsExactly("ab", "cd", "dropped 3 through 5", "h");
    }

    @Test
    void acceptsAMessageLargerThanItsBoundIfItIsEmpty() {
        offer("abcdefgh");
        work();

        assertThat(seen).containsExactly("abcdefgh");
    }

    @Test
    void continuesAfterAMessageThatCannotBeEvaluated() {
        offer("!", "b");
        work();

        assertThat(seen).containsExactly("dropped 1 through 1", "b");
    }

    @Test
    void closingDropsWhatIsQueued() {
        offer("a", "b");

        queue.close();
        work();
        offer("c");
        work();

        assertThat(seen).isEmpty();
    }

    private FilterQueue.Listener listener() {
        return new FilterQueue.Listener() {
            @Override
            public void evaluate(FeedMessage message) {
                if (message.text().equals("!")) {
                    throw new StackOverflowError("on purpose");
                }
                seen.add(message.text());
            }

            @Override
            public void dropped(long count, long through) {
                seen.add("dropped " + count + " through " + through);
            }
        };
    }

    private long last;

    private void offer(String... texts) {
        for (String text : texts) {
            InboundMessage message = new InboundMessage("", null, Map.of(), text.getBytes(StandardCharsets.UTF_8));
            queue.offer(new FeedMessage(message, Instant.EPOCH, new EventId("epoch", ++last, 0)));
        }
    }

    private void work() {
        while (!workers.isEmpty()) {
            workers.remove().run();
        }
    }
}
