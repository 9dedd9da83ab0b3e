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
 * The Reactive Streams rules, for the checkpoints of a real server; in fast batches where it has them. How many
 * checkpoints a number of messages has is the server's matter, so the source never ends here; {@code ReceiptsTckTest}
 * covers the end, which is the same.
 */
public class CheckpointsTckTest extends FlowPublisherVerification<Checkpoint> {
    private static final OutboundMessage MESSAGE = TestPublishing.message("orders.created", "{}");

    private NatsServer server;
    private TestPublishing nats;

    public CheckpointsTckTest() {
        super(new TestEnvironment(1_000, 200));
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
