package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.ConsumerInfo;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PullBudgetTest {
    private static final long MUCH = Long.MAX_VALUE;

    @Test
    void requestsTheWholeWindowIfDemandIsUnbounded() {
        PullBudget budget = new PullBudget(100, 1000, 2);

        assertThat(budget.next(MUCH, 0, 0)).isEqualTo(new PullBudget.Pull(0, 100, 500));
        assertThat(budget.next(MUCH, 0, 0)).isNull();
    }

    @Test
    void neverRequestsMoreThanDemand() {
        PullBudget budget = new PullBudget(100, 1000, 2);

        assertThat(budget.next(3, 0, 0).batch()).isEqualTo(3);
        assertThat(budget.next(3, 0, 0)).isNull();
        assertThat(budget.next(5, 0, 0).batch()).isEqualTo(2);
    }

    /** The server sends no status for such a pull. */
    @Test
    void aSinglePullEndsWithItsBytes() {
        PullBudget budget = new PullBudget(100, 1000, 1);
        budget.next(MUCH, 0, 0);
        budget.received(400);
        assertThat(budget.openPulls()).isOne();

        budget.received(600);

        assertThat(budget.openPulls()).isZero();
        assertThat(budget.outstanding()).isZero();
    }

    @Test
    void requestsNothingWithoutDemand() {
        assertThat(new PullBudget(100, 1000, 2).next(0, 0, 0)).isNull();
        assertThat(new PullBudget(100, 1000, 2).next(-4, 4, 40)).isNull();
    }

    @Test
    void theNextPullOverlapsWhenHalfOfTheWindowHasArrived() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        budget.next(MUCH, 0, 0);
        receive(budget, 49);
        assertThat(budget.next(MUCH, 0, 0)).isNull();

        receive(budget, 1);

        assertThat(budget.next(MUCH, 0, 0).batch()).isEqualTo(50);
    }

    /** Demand that grows by one message at a time would else become pulls of one message. */
    @Test
    void theNextPullHasAQuarterOfTheWindow() {
        PullBudget budget = new PullBudget(16, 1000, 2);
        budget.next(8, 0, 0);

        assertThat(budget.next(9, 0, 0)).isNull();
        assertThat(budget.next(10, 0, 0).batch()).isEqualTo(2);
    }

    @Test
    void neverHasMorePullsOpenThanAllowed() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        budget.next(1, 0, 0);
        budget.next(2, 0, 0);

        assertThat(budget.next(3, 0, 0)).isNull();
    }

    @Test
    void undeliveredMessagesCountAgainstTheWindow() {
        PullBudget budget = new PullBudget(100, 1000, 2);

        assertThat(budget.next(MUCH, 80, 0).batch()).isEqualTo(20);
        assertThat(new PullBudget(100, 1000, 2).next(MUCH, 100, 0)).isNull();
    }

    @Test
    void undeliveredMessagesCountAgainstTheBytes() {
        assertThat(new PullBudget(100, 1000, 2).next(MUCH, 1, 501)).isNull();
        assertThat(new PullBudget(100, 1000, 2).next(MUCH, 1, 500)).isNotNull();
    }

    @Test
    void aStatusReturnsTheUndeliveredRestOfItsPull() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        receive(budget, 10);

        budget.ended(pull.number(), 90, 0);

        assertThat(budget.outstanding()).isZero();
        assertThat(budget.openPulls()).isZero();
    }

    @Test
    void aStatusWithoutFiguresReturnsTheRest() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        receive(budget, 60);
        budget.next(MUCH, 0, 0);

        budget.ended(pull.number());

        assertThat(budget.outstanding()).isEqualTo(60);
    }

    @Test
    void aStatusCorrectsMessagesAttributedToTheWrongPull() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        budget.next(MUCH, 0, 0);
        receive(budget, 50);
        PullBudget.Pull second = budget.next(MUCH, 0, 0);
        receive(budget, 20);

        budget.ended(second.number(), 40, 0);

        assertThat(budget.outstanding()).isEqualTo(40);
        assertThat(budget.openPulls()).isEqualTo(1);
    }

    @Test
    void aResetExpectsNothingAndBeginsAnEpoch() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull old = budget.next(MUCH, 0, 0);

        budget.reset();

        assertThat(budget.outstanding()).isZero();
        assertThat(old.number()).isLessThan(budget.epoch());
        assertThat(budget.next(MUCH, 0, 0).number()).isGreaterThanOrEqualTo(budget.epoch());
    }

    @Test
    void messagesOfAnEarlierEpochAreNotCounted() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        receive(budget, 5);

        assertThat(budget.outstanding()).isZero();
        assertThat(budget.next(7, 5, 0).batch()).isEqualTo(7);
    }

    @Test
    void aMessageThatFitsInNoShareIsRequestedAlone() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);

        budget.oversize(pull.number(), 100, 500);

        assertThat(budget.next(MUCH, 1, 10)).isNull();
        assertThat(budget.next(MUCH, 0, 0)).isEqualTo(new PullBudget.Pull(1, 1, 0));
        budget.received(5000);
        assertThat(budget.next(MUCH, 0, 0)).isEqualTo(new PullBudget.Pull(2, 100, 500));
    }

    @Test
    void aMessageThatExceedsOnlyTheRestOfAShareIsNotRequestedAlone() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        budget.received(400);

        budget.oversize(pull.number(), 99, 100);

        assertThat(budget.next(MUCH, 0, 0).maxBytes()).isEqualTo(500);
    }

    @Test
    void keepsToTheLimitsOfTheConsumer() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        budget.setLimits(new ConsumerInfo.PullLimits(5, 50, Duration.ofSeconds(30), 1));

        assertThat(budget.next(MUCH, 0, 0)).isEqualTo(new PullBudget.Pull(0, 5, 50));
        assertThat(budget.next(MUCH, 0, 0)).isNull();
    }

    /**
     * Compares with a model of the server, which serves pulls in turn, one message each, and ends each with a status.
     */
    @Property(tries = 300)
    void accountsForWhatAServerReallyOwes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 64) int window) {
        Random random = new Random(seed);
        PullBudget budget = new PullBudget(window, 1 << 20, 2);
        Deque<long[]> waiting = new ArrayDeque<>();
        for (int i = 0; i < 500; i++) {
            PullBudget.Pull pull = budget.next(random.nextInt(2 * window), 0, 0);
            if (pull != null) {
                waiting.add(new long[] {pull.number(), pull.batch()});
            } else if (!waiting.isEmpty() && random.nextInt(10) > 0) {
                serve(waiting, budget);
            } else if (!waiting.isEmpty()) {
                long[] expired = waiting.remove();
                budget.ended(expired[0], expired[1], 0);
            }
            assertThat(budget.outstanding())
                    .isEqualTo(waiting.stream().mapToLong(open -> open[1]).sum())
                    .isLessThanOrEqualTo(window);
        }
    }

    /** A replicated consumer sends the final status of a pull immediately, but messages only after replication. */
    @Test
    void grantedMessagesAreExpectedAfterAStatusThatOvertookThem() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);

        budget.ended(pull.number(), 60, 300);

        assertThat(budget.outstanding()).isEqualTo(40);
        assertThat(budget.openPulls()).isEqualTo(1);
        receive(budget, 40);
        assertThat(budget.outstanding()).isZero();
        assertThat(budget.openPulls()).isZero();
    }

    @Test
    void aStatusBetweenMessagesExpectsTheRestOfThem() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        receive(budget, 15);

        budget.ended(pull.number(), 60, 300);

        assertThat(budget.outstanding()).isEqualTo(25);
    }

    @Test
    void aStatusAfterItsMessagesExpectsNothing() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        receive(budget, 40);

        budget.ended(pull.number(), 60, 300);

        assertThat(budget.outstanding()).isZero();
        assertThat(budget.openPulls()).isZero();
    }

    @Test
    void aStatusWithoutARestExpectsNothing() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);
        receive(budget, 40);

        budget.ended(pull.number());

        assertThat(budget.outstanding()).isZero();
        assertThat(budget.openPulls()).isZero();
    }

    @Test
    void aMessageThatExceedsTheRestOfAShareIsNotRequestedAloneIfItsStatusArrivesEarly() {
        PullBudget budget = new PullBudget(100, 1000, 2);
        PullBudget.Pull pull = budget.next(MUCH, 0, 0);

        budget.oversize(pull.number(), 98, 100);

        assertThat(budget.outstanding()).isEqualTo(2);
        receive(budget, 2);
        assertThat(budget.next(MUCH, 0, 0).maxBytes()).isEqualTo(500);
    }

    /** The same model, but messages are delayed and statuses are not. */
    @Property(tries = 300)
    void accountsForMessagesAfterTheirStatus(@ForAll long seed, @ForAll @IntRange(min = 1, max = 64) int window) {
        Random random = new Random(seed);
        PullBudget budget = new PullBudget(window, 1 << 20, 2);
        Deque<long[]> waiting = new ArrayDeque<>();
        long inFlight = 0;
        for (int i = 0; i < 500; i++) {
            PullBudget.Pull pull = budget.next(random.nextInt(2 * window), 0, 0);
            int dice = random.nextInt(10);
            if (pull != null) {
                waiting.add(new long[] {pull.number(), pull.batch()});
            } else if (inFlight > 0 && dice < 4) {
                budget.received(10);
                inFlight--;
            } else if (!waiting.isEmpty() && dice < 9) {
                long[] head = waiting.remove();
                inFlight++;
                head[1]--;
                if (head[1] > 0) {
                    waiting.add(head);
                } else {
                    budget.ended(head[0], 0, 0);
                }
            } else if (!waiting.isEmpty()) {
                long[] expired = waiting.remove();
                budget.ended(expired[0], expired[1], 0);
            }
            assertThat(budget.outstanding())
                    .isEqualTo(inFlight
                            + waiting.stream().mapToLong(open -> open[1]).sum())
                    .isLessThanOrEqualTo(window);
        }
    }

    private static void serve(Deque<long[]> waiting, PullBudget budget) {
        long[] head = waiting.remove();
        budget.received(10);
        head[1]--;
        if (head[1] > 0) {
            waiting.add(head);
        } else {
            budget.ended(head[0], 0, 0);
        }
    }

    private static void receive(PullBudget budget, int messages) {
        for (int i = 0; i < messages; i++) {
            budget.received(1);
        }
    }
}
