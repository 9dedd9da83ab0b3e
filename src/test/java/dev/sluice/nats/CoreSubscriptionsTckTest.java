package dev.sluice.nats;

import dev.sluice.flow.Overflow;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Reactive Streams TCK for a subscription on a real server. */
public class CoreSubscriptionsTckTest extends FlowPublisherVerification<InboundMessage> {
    private static final int MESSAGES = 50;

    private NatsServer server;
    private final Object publishing = new Object();
    private RawClient publisher;
    private TestSubscriptions nats;

    public CoreSubscriptionsTckTest() {
        super(new TestEnvironment(1_000, 100, 20));
    }

    @BeforeClass
    public void start() {
        server = NatsServer.started();
        publisher = new RawClient(server);
        nats = new TestSubscriptions(server, Map.of());
    }

    @AfterClass
    public void stop() {
        nats.close();
        publisher.close();
        server.close();
    }

    /** Publishes messages after the server has processed the subscription. */
    @Override
    public Flow.Publisher<InboundMessage> createFlowPublisher(long elements) {
        SubscriptionObserver onceActive = new SubscriptionObserver() {
            @Override
            public void active() {
                synchronized (publishing) {
                    for (int i = 0; i < MESSAGES; i++) {
                        publisher.publish("tck.message", "x");
                    }
                }
            }

            @Override
            public void interrupted() {}
        };
        return nats.subscriptions.subscribe(
                TestSubscriptions.set("tck.>"), Optional.empty(), Overflow.DROP_NEWEST, onceActive);
    }

    /** A hot source fails only after the subscription. {@code HotMultiTckTest} covers a source that cannot open. */
    @Override
    public Flow.Publisher<InboundMessage> createFailedFlowPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
