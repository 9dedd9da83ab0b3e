package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.message.DirectMessage;
import dev.sluice.stream.replay.DirectGetResult.Outcome;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests whether the end of a direct get counts as an outage or as the end of a page. */
class DirectGetCollectorTest {
    private final AtomicReference<DirectGetCollector> begun = new AtomicReference<>();
    private final CompletableFuture<DirectGetResult> result = Uni.createFrom()
            .<DirectGetResult>emitter(emitter -> begun.set(new DirectGetCollector("$JS.API", "LOGS", 10, emitter)))
            .subscribeAsCompletionStage();
    private final DirectGetCollector read = begun.get();

    @Test
    void silenceIsUnavailable() {
        read.timedOut();

        assertThat(result.join().outcome()).isEqualTo(Outcome.UNAVAILABLE);
    }

    @Test
    void silenceAfterAnAnswerEndsThePage() {
        read.reply(answer("LOGS"));

        read.timedOut();

        assertThat(result.join().replies()).hasSize(1);
        assertThat(result.join().outcome()).isEqualTo(Outcome.ANSWERED);
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

        assertThat(result.join().replies()).hasSize(1);
        assertThat(result.join().outcome()).isEqualTo(Outcome.ANSWERED);
    }

    @Test
    void aMessageWithHeadersThatJnatsCannotReadIsAnAnswer() {
        String block = "NATS/1.0 503\r\nNats-Stream: LOGS\r\nNats-Sequence: 1\r\nNats-Num-Pending: 7\r\n\r\n";
        String wrapped = Base64.getEncoder().encodeToString(block.getBytes(StandardCharsets.US_ASCII));
        NatsMessage stored = answer(new Headers().put("Sluice-Foreign-Headers", wrapped));
        read.reply(stored);

        read.timedOut();

        assertThat(result.join().replies()).containsExactly(stored);
        assertThat(result.join().outcome()).isEqualTo(Outcome.ANSWERED);
    }

    private static NatsMessage answer(String stream) {
        return answer(new Headers()
                .put(DirectGetReply.STREAM, stream)
                .put(DirectMessage.SEQUENCE, "1")
                .put(DirectGetReply.PENDING, "7"));
    }

    private static NatsMessage answer(Headers headers) {
        return NatsMessage.builder().subject("_INBOX.a").headers(headers).build();
    }
}
