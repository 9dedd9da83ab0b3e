package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** Reactive Streams TCK for full batches and a smaller last one. */
public class BatchesTckTest extends FlowPublisherVerification<List<Integer>> {
    private static final int SIZE = 3;
    private static final Duration WAIT = Duration.ofMillis(20);

    public BatchesTckTest() {
        super(new TestEnvironment(1_000, 100, 20));
    }

    @Override
    public Flow.Publisher<List<Integer>> createFlowPublisher(long elements) {
        Multi<Integer> items = elements == Long.MAX_VALUE
                ? Multi.createBy().repeating().supplier(() -> 1).indefinitely()
                : Multi.createFrom().range(0, Math.max(0, (int) elements * SIZE - 1));
        return new Batches<>(items, SIZE, WAIT, unwanted -> {});
    }

    @Override
    public Flow.Publisher<List<Integer>> createFailedFlowPublisher() {
        return new Batches<>(
                Multi.createFrom().failure(new IllegalStateException("failed")), SIZE, WAIT, unwanted -> {});
    }
}
