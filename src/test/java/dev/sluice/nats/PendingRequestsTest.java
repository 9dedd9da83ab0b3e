package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingRequestsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Message REPLY = NatsMessage.builder().subject("reply").build();

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final PendingRequests requests = new PendingRequests(clock);
    private final CompletableFuture<Message> sent = new CompletableFuture<>();

    @AfterEach
    void close() {
        clock.shutdownNow();
    }

    @Test
    void returnsTheReply() {
        CompletableFuture<Message> reply = requests.ask("a", LONG, () -> sent);
        sent.complete(REPLY);

        assertThat(reply).isCompletedWithValue(REPLY);
    }

    @Test
    void failsWithoutAReplyInTime() {
        CompletableFuture<Message> reply = requests.ask("a", Duration.ofMillis(1), () -> sent);

        assertThatThrownBy(() -> reply.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void observesTheTimeoutOfEachRequest() {
        CompletableFuture<Message> patient = requests.ask("a", LONG, () -> sent);
        CompletableFuture<Message> hasty = requests.ask("a", Duration.ofMillis(1), CompletableFuture::new);

        assertThatThrownBy(() -> hasty.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
        assertThat(patient).isNotDone();
    }

    @Test
    void failsTheRequestsToADeniedSubject() {
        CompletableFuture<Message> denied = requests.ask("a", LONG, () -> sent);
        CompletableFuture<Message> permitted = requests.ask("b", LONG, CompletableFuture::new);
        requests.denied("a");

        assertThat(denied)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(SluiceException.class);
        assertThat(permitted).isNotDone();
    }

    @Test
    void failsAllRequestsOfALinkWithoutReplies() {
        CompletableFuture<Message> reply = requests.ask("a", LONG, () -> sent);
        requests.fail(Failure.FORBIDDEN.because("no inbox"));

        assertThat(reply).isCompletedExceptionally();
    }

    @Test
    void rethrowsWhyARequestCannotBeSent() {
        assertThatThrownBy(() -> requests.ask("a", LONG, () -> {
                    throw new IllegalStateException("closed");
                }))
                .isInstanceOf(IllegalStateException.class);
    }
}
