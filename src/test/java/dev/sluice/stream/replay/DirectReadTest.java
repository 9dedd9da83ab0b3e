package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.replay.DirectBatch.Service;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import org.junit.jupiter.api.Test;

/** What the end of a direct read says about the next one. */
class DirectReadTest {
    private final DirectRead read = new DirectRead("LOGS", 10);

    @Test
    void silenceMayPass() {
        assertThat(read.late().service()).isEqualTo(Service.AWAY);
    }

    @Test
    void silenceAfterAnAnswerIsAPage() {
        read.onMessage(answer("LOGS"));

        DirectBatch batch = read.late();

        assertThat(batch.answers()).hasSize(1);
        assertThat(batch.service()).isEqualTo(Service.GIVEN);
    }

    private static NatsMessage answer(String stream) {
        return NatsMessage.builder()
                .subject("_INBOX.a")
                .headers(new Headers()
                        .put(DirectAnswer.STREAM, stream)
                        .put(DirectAnswer.SEQUENCE, "1")
                        .put(DirectAnswer.PENDING, "7"))
                .build();
    }
}
