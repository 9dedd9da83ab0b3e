package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Reactive Streams TCK for results from other threads. */
public class OrderedWindowTckTest extends FlowPublisherVerification<Long> {
    private ExecutorService workers;

    public OrderedWindowTckTest() {
        super(new TestEnvironment(1_000, 100, 20));
    }

    @BeforeClass
    public void startWorkers() {
        workers = Executors.newFixedThreadPool(2);
    }

    @AfterClass
    public void stopWorkers() {
        workers.shutdownNow();
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
        return window(
                elements == Long.MAX_VALUE
                        ? Multi.createBy().repeating().supplier(() -> 1L).indefinitely()
                        : Multi.createFrom().range(0, (int) elements).map(Integer::longValue));
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
        return window(Multi.createFrom().failure(new IllegalStateException("failed")));
    }

    private Multi<Long> window(Multi<Long> items) {
        return new OrderedWindow<Long, Long>(items, 16, (item, place) -> workers.execute(() -> place.complete(item)));
    }
}
