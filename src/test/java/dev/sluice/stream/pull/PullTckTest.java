package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.NatsServer;
import io.nats.client.api.StorageType;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Reactive Streams TCK for pull subscriptions. A pull never completes, so the rules for completion do not apply. */
public class PullTckTest extends FlowPublisherVerification<Delivery> {
    private static final int STORED = 5000;
    private static final long TIMEOUT_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 50;
    private NatsServer server;
    private TestPulls test;

    public PullTckTest() {
        super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS, 20));
    }

    @BeforeClass
    void start() {
        server = NatsServer.started();
        test = new TestPulls(server, Map.of("prefetch", "64"));
        test.emptyStream(StorageType.Memory);
        test.publish(STORED);
    }

    @AfterClass
    void stop() {
        test.close();
        server.close();
    }

    @Override
    public Flow.Publisher<Delivery> createFlowPublisher(long elements) {
        ConsumerRef ref = new ConsumerRef(TestPulls.STREAM, "tck-" + UUID.randomUUID());
        return test.pulls.pull(ConsumerDefinition.ordered(ref, StartPosition.Edge.ALL), test.pulls.options());
    }

    @Override
    public Flow.Publisher<Delivery> createFailedFlowPublisher() {
        return test.pulls.pull(new ConsumerRef(TestPulls.STREAM, "missing"), test.pulls.options());
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
