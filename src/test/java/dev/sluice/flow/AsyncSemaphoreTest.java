package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Concurrency stays within the limit, waiting work starts in order, and no permit is lost. */
class AsyncSemaphoreTest {
    private static final int MANY = 20_000;

    private final AtomicInteger told = new AtomicInteger();
    private final List<UniEmitter<? super String>> running = new ArrayList<>();

    @Test
    void startsWorkAtOnceIfAPermitIsAvailable() {
        AsyncSemaphore semaphore = new AsyncSemaphore(2);

        begin(semaphore, work());
        begin(semaphore, work());
        begin(semaphore, work());

        assertThat(running).hasSize(2);
        assertThat(semaphore.waiting()).isEqualTo(1);
    }

    @Test
    void passesThePermitOnInOrder() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        List<String> begun = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            begin(semaphore, work().onSubscription().invoke(() -> begun.add(name)));
        }

        running.get(0).complete("done");
        running.get(1).fail(new IllegalStateException("on purpose"));

        assertThat(begun).containsExactly("a", "b", "c");
    }

    @Test
    void notifiesAllWaitersAndKeepsAllPermitsIfWorkFailsAtOnce() {
        AsyncSemaphore semaphore = new AsyncSemaphore(32);
        IntStream.range(0, 32).forEach(i -> begin(semaphore, work()));
        Uni<String> failing = Uni.createFrom().failure(new IllegalStateException("on purpose"));
        IntStream.range(0, MANY).forEach(i -> begin(semaphore, failing));
        assertThat(semaphore.waiting()).isEqualTo(MANY);

        List.copyOf(running).forEach(emitter -> emitter.fail(new IllegalStateException("on purpose")));

        assertThat(told).hasValue(MANY + 32);
        assertThat(semaphore.waiting()).isZero();
        assertThat(semaphore.free()).isEqualTo(32);
    }

    @Test
    void keepsAllPermitsIfNotifiedWaitersAcquireAgain() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        begin(semaphore, work());
        Uni<String> failing = Uni.createFrom().failure(new IllegalStateException("on purpose"));
        Uni<String> twice = semaphore.withPermit(failing).onFailure().retry().atMost(1);
        IntStream.range(0, MANY).forEach(i -> twice.subscribe().with(item -> {}, failure -> told.incrementAndGet()));

        running.get(0).complete("done");

        assertThat(told).hasValue(MANY + 1);
        assertThat(semaphore.free()).isEqualTo(1);
    }

    @Test
    void keepsAllPermitsIfWorkThrows() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);

        begin(semaphore, Uni.createFrom().deferred(() -> {
            throw new AssertionError("on purpose");
        }));

        assertThat(told).hasValue(1);
        assertThat(semaphore.free()).isEqualTo(1);
    }

    @Test
    void removesCancelledWaitersFromTheQueue() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        begin(semaphore, work());
        List<Cancellable> waiting =
                IntStream.range(0, MANY).mapToObj(i -> begin(semaphore, work())).toList();

        waiting.forEach(Cancellable::cancel);
        running.get(0).complete("done");

        assertThat(running).hasSize(1);
        assertThat(semaphore.waiting()).isZero();
        assertThat(semaphore.free()).isEqualTo(1);
    }

    @Test
    void countsWorkUntilItEndsAlsoAfterItsSubscriberCancelled() {
        AsyncSemaphore semaphore = new AsyncSemaphore(1);
        Cancellable left = begin(semaphore, work());

        left.cancel();
        assertThat(semaphore.free()).isZero();
        running.get(0).complete("done");

        assertThat(told).hasValue(0);
        assertThat(semaphore.free()).isEqualTo(1);
    }

    @Test
    void keepsItsBoundWithManyThreads() throws InterruptedException, ExecutionException, TimeoutException {
        AsyncSemaphore semaphore = new AsyncSemaphore(3);
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Uni<String> work = Uni.createFrom()
                .item(() -> {
                    most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                    return "done";
                })
                .onItem()
                .call(() -> ThreadLocalRandom.current().nextBoolean()
                        ? Uni.createFrom().voidItem()
                        : Uni.createFrom().completionStage(CompletableFuture.runAsync(Thread::yield)))
                .onTermination()
                .invoke(atWork::decrementAndGet);
        Runnable client = () -> {
            for (int i = 0; i < 2_000; i++) {
                Cancellable begun = semaphore.withPermit(work).subscribe().with(item -> {});
                if (i % 3 == 0) {
                    begun.cancel();
                }
            }
        };

        CompletableFuture.allOf(IntStream.range(0, 4)
                        .mapToObj(i -> CompletableFuture.runAsync(client))
                        .toArray(CompletableFuture[]::new))
                .get(1, TimeUnit.MINUTES);
        CompletableFuture<String> last =
                semaphore.withPermit(Uni.createFrom().item("last")).subscribeAsCompletionStage();

        assertThat(last.get(1, TimeUnit.MINUTES)).isEqualTo("last");
        assertThat(most.get()).isBetween(1, 3);
    }

    private Cancellable begin(AsyncSemaphore semaphore, Uni<String> work) {
        return semaphore
                .withPermit(work)
                .subscribe()
                .with(item -> told.incrementAndGet(), failure -> told.incrementAndGet());
    }

    private Uni<String> work() {
        return Uni.createFrom().emitter(running::add);
    }
}
