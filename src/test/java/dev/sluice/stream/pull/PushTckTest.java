package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerRef;
import dev.sluice.support.NatsServer;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Reactive Streams TCK for push subscriptions. A push subscription never completes. */
public class PushTckTest extends FlowPublisherVerification<Delivery> {
    private static final int STORED = 5000;
    private static final long TIMEOUT_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 50;
    private NatsServer server;
    private TestPulls test;
    private PushSubscriptions pushes;

    public PushTckTest() {
        super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS, 20));
    }

    @BeforeClass
    void start() {
        server = NatsServer.started();
        test = new TestPulls(server);
        pushes = TestPulls.pushes(test.link, Map.of());
        test.emptyStream(StorageType.Memory);
        test.publish(STORED);
    }

    @AfterClass
    void stop() {
        pushes.close();
        test.close();
        server.close();
    }

    @Override
    public Flow.Publisher<Delivery> createFlowPublisher(long elements) {
        String name = "tck-" + UUID.randomUUID();
        test.declare(ConsumerConfiguration.builder()
                .durable(name)
                .deliverSubject("push." + name)
                .ackPolicy(AckPolicy.None)
                .build());
        return pushes.subscribe(new ConsumerRef(TestPulls.STREAM, name));
    }

    @Override
    public Flow.Publisher<Delivery> createFailedFlowPublisher() {
        return pushes.subscribe(new ConsumerRef(TestPulls.STREAM, "missing"));
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
