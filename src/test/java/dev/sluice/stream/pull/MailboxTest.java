package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final int MORE_THAN_A_BATCH = 300;

    private final List<String> seen = new ArrayList<>();
    private final Queue<Runnable> executed = new ArrayDeque<>();

    @Test
    void isSubmittedOnceForAllItemsBeforeItRuns() {
        Mailbox mailbox = mailbox(executed::add);

        mailbox.execute(() -> seen.add("first"));
        mailbox.execute(() -> seen.add("second"));
        mailbox.wake();

        assertThat(executed).hasSize(1);
        executed.remove().run();
        assertThat(seen).startsWith("first", "second", "over");
        assertThat(executed).isEmpty();
    }

    @Test
    void yieldsToOthersAfterABatch() {
        Mailbox mailbox = mailbox(executed::add);
        IntStream.range(0, MORE_THAN_A_BATCH).forEach(i -> mailbox.execute(() -> seen.add("task")));

        executed.remove().run();

        assertThat(seen).last().isEqualTo("over");
        assertThat(seen).hasSizeLessThan(MORE_THAN_A_BATCH);
        executed.remove().run();
        assertThat(seen.stream().filter("task"::equals)).hasSize(MORE_THAN_A_BATCH);
    }

    @Test
    void itemsAddedDuringARunAreHandledInIt() {
        Mailbox mailbox = mailbox(executed::add);
        mailbox.execute(() -> {
            mailbox.execute(() -> seen.add("inner"));
            seen.add("outer");
        });

        executed.remove().run();

        assertThat(seen).startsWith("outer", "inner");
    }

    @Test
    void aCallerDeliversItselfAfterTheExecutorHasShutDown() {
        Mailbox mailbox = mailbox(work -> {
            throw new RejectedExecutionException("shut down");
        });

        mailbox.execute(() -> seen.add("late"));
        mailbox.execute(() -> seen.add("later"));

        assertThat(seen.stream().filter(what -> !what.equals("over")))
                .containsExactly("shut down", "late", "shut down", "later");
    }

    private Mailbox mailbox(Executor executor) {
        return new Mailbox(executor, new Mailbox.Session() {
            @Override
            public void arrived(Delivery delivery) {
                seen.add("delivery");
            }

            @Override
            public void batchProcessed() {
                seen.add("over");
            }

            @Override
            public void shutDown() {
                seen.add("shut down");
            }
        });
    }
}
