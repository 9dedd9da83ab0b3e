package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limit holds for any number of threads. */
@Timeout(30)
class PermitsTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 20_000;

    private final Permits permits = new Permits(10);

    @Test
    void takesUpToItsLimit() {
        assertThat(permits.take(7)).isTrue();
        assertThat(permits.take(3)).isTrue();
        assertThat(permits.take(1)).isFalse();
        assertThat(permits.taken()).isEqualTo(10);
    }

    @Test
    void aRejectedRequestTakesNoPermit() {
        permits.take(7);

        assertThat(permits.take(4)).isFalse();
        assertThat(permits.taken()).isEqualTo(7);
    }

    @Test
    void permitsARequestLargerThanItsLimitIfNoPermitIsTaken() {
        assertThat(permits.take(25)).isTrue();
        assertThat(permits.take(1)).isFalse();
        assertThat(permits.giveBack(25)).isZero();
        assertThat(permits.take(1)).isTrue();
    }

    @Test
    void hasRoomForAnythingOnlyIfNoPermitIsTaken() {
        assertThat(permits.hasRoom(25)).isTrue();
        permits.take(7);
        assertThat(permits.hasRoom(3)).isTrue();
        assertThat(permits.hasRoom(4)).isFalse();
        assertThat(permits.taken()).isEqualTo(7);
    }

    @Test
    void neverHoldsMoreThanItsLimitOnManyThreads() throws Exception {
        Permits one = new Permits(1);
        AtomicInteger held = new AtomicInteger();
        Callable<Integer> taking = () -> {
            int most = 0;
            for (int round = 0; round < ROUNDS; round++) {
                if (one.take(1)) {
                    most = Math.max(most, held.incrementAndGet());
                    held.decrementAndGet();
                    one.giveBack(1);
                }
            }
            return most;
        };

        assertThat(onManyThreads(taking)).allSatisfy(most -> assertThat(most).isLessThanOrEqualTo(1));
        assertThat(one.taken()).isZero();
    }

    private static List<Integer> onManyThreads(Callable<Integer> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Integer> results = new ArrayList<>();
            for (Future<Integer> result : threads.invokeAll(Collections.nCopies(THREADS, work))) {
                results.add(result.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
