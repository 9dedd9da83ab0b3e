package dev.sluice.flow;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;

/** Reactive Streams TCK for a source that never completes. */
public class HotMultiTckTest extends FlowPublisherVerification<Integer> {
    private static final int ITEMS = 200;

    private final ExecutorService sources = Executors.newCachedThreadPool();

    public HotMultiTckTest() {
        super(new TestEnvironment(1_000, 50, 20));
    }

    @AfterClass
    public void stop() {
        sources.shutdownNow();
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
        BufferBounds<Integer> bounds =
                new BufferBounds<>(2 * ITEMS, Long.MAX_VALUE, Overflow.DROP_OLDEST, item -> 1, () -> {});
        return HotMulti.of(bounds, sink -> {
            Future<?> offering = sources.submit(() -> {
                for (int i = 0; i < ITEMS; i++) {
                    sink.offer(i);
                }
            });
            return () -> offering.cancel(false);
        });
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
        BufferBounds<Integer> bounds = new BufferBounds<>(1, 1, Overflow.FAIL, item -> 1, () -> {});
        return HotMulti.of(bounds, sink -> {
            throw new IllegalStateException("cannot open");
        });
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
