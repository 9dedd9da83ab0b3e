package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.replay.DirectGetResult.Service;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests whether the end of a direct get counts as an outage or as the end of a page. */
class DirectGetRequestTest {
    private final AtomicReference<DirectGetRequest> begun = new AtomicReference<>();
    private final CompletableFuture<DirectGetResult> result = Uni.createFrom()
            .<DirectGetResult>emitter(emitter -> begun.set(new DirectGetRequest("$JS.API", "LOGS", 10, emitter)))
            .subscribeAsCompletionStage();
    private final DirectGetRequest read = begun.get();

    @Test
    void silenceIsUnavailable() {
        read.timedOut();

        assertThat(result.join().service()).isEqualTo(Service.AWAY);
    }

    @Test
    void silenceAfterAnAnswerEndsThePage() {
        read.reply(answer("LOGS"));

        read.timedOut();

        assertThat(result.join().answers()).hasSize(1);
        assertThat(result.join().service()).isEqualTo(Service.GIVEN);
    }

    @Test
    void aLostConnectionIsUnavailable() {
        read.disconnected();

        assertThat(result).isCompletedExceptionally();
        assertThat(result.handle((batch, failure) -> ((SluiceException) failure).failure())
                        .join())
                .isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void aLostConnectionAfterAnAnswerEndsThePage() {
        read.reply(answer("LOGS"));

        read.disconnected();

        assertThat(result.join().answers()).hasSize(1);
        assertThat(result.join().service()).isEqualTo(Service.GIVEN);
    }

    @Test
    void aStoredStatusIsAnAnswer() {
        NatsMessage stored = answer("LOGS");
        read.noResponders(stored);

        read.timedOut();

        assertThat(result.join().answers()).containsExactly(stored);
    }

    private static NatsMessage answer(String stream) {
        return NatsMessage.builder()
                .subject("_INBOX.a")
                .headers(new Headers()
                        .put(DirectGetReply.STREAM, stream)
                        .put(DirectGetReply.SEQUENCE, "1")
                        .put(DirectGetReply.PENDING, "7"))
                .build();
    }
}
