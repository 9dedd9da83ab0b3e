package dev.sluice.stream.object;

import io.smallrye.mutiny.Multi;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;

/** Reactive Streams TCK for the check of a digest, which is computed on other threads. It never completes. */
public class DigestCheckTckTest extends FlowPublisherVerification<byte[]> {
    private final ExecutorService workers = Executors.newFixedThreadPool(2);

    public DigestCheckTckTest() {
        super(new TestEnvironment(1_000, 50, 20));
    }

    @AfterClass
    public void stop() {
        workers.shutdownNow();
    }

    @Override
    public Flow.Publisher<byte[]> createFlowPublisher(long elements) {
        return check(
                Multi.createBy().repeating().supplier(() -> new byte[1]).indefinitely(), Math.min(elements, 1_000_000));
    }

    @Override
    public Flow.Publisher<byte[]> createFailedFlowPublisher() {
        return check(Multi.createFrom().failure(new IllegalStateException("failed")), 1);
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }

    private Flow.Publisher<byte[]> check(Multi<byte[]> source, long chunks) {
        ObjectInfo object = new ObjectInfo(
                "film",
                "",
                Map.of(),
                Map.of(),
                "id",
                chunks,
                chunks,
                1,
                null,
                null,
                false,
                Instant.EPOCH,
                9,
                "$O",
                Map.of());
        return new DigestCheck(source, object, 4, workers, IllegalStateException::new);
    }
}
