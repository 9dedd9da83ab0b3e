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

/**
 * Reactive Streams TCK for checkpoints of a real server, with fast batches if the server supports them. The server
 * decides how many checkpoints it sends, so the source never ends here. {@code ReceiptsTckTest} covers completion,
 * which works the same way.
 */
public class CheckpointsTckTest extends FlowPublisherVerification<Checkpoint> {
    private static final OutboundMessage MESSAGE = TestPublishing.message("orders.created", "{}");

    private NatsServer server;
    private TestPublishing nats;

    public CheckpointsTckTest() {
        super(new TestEnvironment(1_000, 200, 20));
    }

    @BeforeClass
    public void start() {
        server = NatsServer.started();
        nats = new TestPublishing(server, Map.of("stream-window", "8", "streams", "1000"));
        nats.create(TestPublishing.stream("ORDERS", "orders.>").allowBatched());
    }

    @AfterClass
    public void stop() {
        nats.close();
        server.close();
    }

    @Override
    public Flow.Publisher<Checkpoint> createFlowPublisher(long elements) {
        return nats.ingests.ingest(
                "ORDERS", Multi.createBy().repeating().supplier(() -> MESSAGE).indefinitely());
    }

    @Override
    public Flow.Publisher<Checkpoint> createFailedFlowPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
