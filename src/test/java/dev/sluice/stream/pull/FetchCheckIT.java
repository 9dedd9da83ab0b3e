package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fetch of one message, with a check that the test completes. */
class FetchCheckIT {
    private static final FetchRequest ONE = new FetchRequest(1, 1 << 20, Timeouts.LIMIT, true);

    private final NatsServer server = NatsServer.started();
    private final TestPulls test = new TestPulls(server);
    private final CompletableFuture<Void> check = new CompletableFuture<>();

    @BeforeEach
    void publish() {
        test.emptyStream(StorageType.Memory);
        test.declare(test.durable());
        test.publish(1);
    }

    @AfterEach
    void stop() {
        test.close();
        server.close();
    }

    @Test
    void theConsumerIsAskedForWhileTheCheckRuns() {
        UniAssertSubscriber<List<Delivery>> fetched = fetchUntilItAsks();

        check.complete(null);

        assertThat(fetched.awaitItem(Timeouts.LIMIT).getItem()).hasSize(1);
    }

    @Test
    void nothingIsPulledIfTheCheckFails() {
        UniAssertSubscriber<List<Delivery>> fetched = fetchUntilItAsks();

        check.completeExceptionally(Failure.RESERVED_SUBJECT.because("reserved"));

        fetched.awaitFailure(Timeouts.LIMIT);
        assertThat(test.counters.pulls()).isZero();
    }

    @Test
    void theFailureOfTheCheckHidesWhetherThereIsAConsumer() {
        test.deleteConsumer();
        UniAssertSubscriber<List<Delivery>> fetched = fetchUntilItAsks();
        Throwable reserved = Failure.RESERVED_SUBJECT.because("reserved");

        check.completeExceptionally(reserved);

        assertThat(fetched.awaitFailure(Timeouts.LIMIT).getFailure()).isSameAs(reserved);
    }

    private UniAssertSubscriber<List<Delivery>> fetchUntilItAsks() {
        try (NatsSpy spy = new NatsSpy(server)) {
            UniAssertSubscriber<List<Delivery>> fetched = test.pulls
                    .fetchWhole(TestPulls.REF, ONE, Uni.createFrom().completionStage(check), () -> () -> {})
                    .subscribe()
                    .withSubscriber(UniAssertSubscriber.create());
            spy.heardUntil("$JS.API.CONSUMER.INFO." + TestPulls.STREAM + "." + TestPulls.REF.consumer());
            return fetched;
        }
    }
}
