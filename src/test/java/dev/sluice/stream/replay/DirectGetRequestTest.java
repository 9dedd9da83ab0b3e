package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.replay.DirectGetResult.Service;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import org.junit.jupiter.api.Test;

/** Tests whether the timeout of a direct get counts as an outage or as the end of a page. */
class DirectGetRequestTest {
    private final DirectGetRequest read = new DirectGetRequest("LOGS", 10);

    @Test
    void silenceIsUnavailable() {
        assertThat(read.late().service()).isEqualTo(Service.AWAY);
    }

    @Test
    void silenceAfterAnAnswerEndsThePage() {
        read.onMessage(answer("LOGS"));

        DirectGetResult batch = read.late();

        assertThat(batch.answers()).hasSize(1);
        assertThat(batch.service()).isEqualTo(Service.GIVEN);
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
