package dev.sluice.events;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionLimiterTest {
    private final ConnectionLimiter limiter = new ConnectionLimiter(1);

    @Test
    void aCloseThatGivesUpDoesNotEndAnotherOne() {
        limiter.admit();
        limiter.close(Duration.ofMillis(1)).await().atMost(Duration.ofSeconds(60));
        Uni<Void> second = limiter.close(Duration.ofMinutes(10));
        UniAssertSubscriber<Void> waiting = second.subscribe().withSubscriber(UniAssertSubscriber.create());
        waiting.assertNotTerminated();

        limiter.left();

        waiting.assertCompleted();
    }
}
