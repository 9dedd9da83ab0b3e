package dev.sluice.stream.publish;

import dev.sluice.nats.OutboundMessage;
import dev.sluice.support.NatsServer;
import io.smallrye.mutiny.Multi;
import java.util.Map;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Reactive Streams TCK for receipts of a real server. */
public class ReceiptsTckTest extends FlowPublisherVerification<Receipt> {
    private static final OutboundMessage MESSAGE = TestPublishing.message("orders.created", "{}");

    private NatsServer server;
    private TestPublishing nats;

    public ReceiptsTckTest() {
        super(new TestEnvironment(1_000, 200, 20));
    }

    @BeforeClass
    public void start() {
        server = NatsServer.started();
        nats = new TestPublishing(server, Map.of("stream-window", "64", "streams", "1000"));
        nats.create(TestPublishing.stream("ORDERS", "orders.>"));
    }

    @AfterClass
    public void stop() {
        nats.close();
        server.close();
    }

    @Override
    public Flow.Publisher<Receipt> createFlowPublisher(long elements) {
        return nats.publisher.publish(
                elements == Long.MAX_VALUE
                        ? Multi.createBy().repeating().supplier(() -> MESSAGE).indefinitely()
                        : Multi.createFrom().range(0, (int) elements).map(i -> MESSAGE));
    }

    @Override
    public Flow.Publisher<Receipt> createFailedFlowPublisher() {
        return nats.publisher.publish(Multi.createFrom().failure(new IllegalStateException("failed")));
    }
}
