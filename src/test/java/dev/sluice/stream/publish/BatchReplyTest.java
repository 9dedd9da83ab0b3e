package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parses the responses of ADR-50 and rejects others. */
class BatchReplyTest {

    @Test
    void readsAFlowAcknowledgement() {
        assertThat(parse("{\"type\":\"ack\",\"seq\":128,\"msgs\":64}")).isEqualTo(new BatchReply.Progress(128, 64));
    }

    @Test
    void readsAGap() {
        assertThat(parse("{\"type\":\"gap\",\"last_seq\":10,\"seq\":15}")).isEqualTo(new BatchReply.Gap());
    }

    @Test
    void readsTheEndOfABatch() {
        assertThat(parse("{\"stream\":\"ORDERS\", \"seq\":4711,\"batch\":\"B1\",\"count\":300}"))
                .isEqualTo(new BatchReply.Ended("B1", 300, 4711));
    }

    @Test
    void readsTheEndOfABatchOfDuplicates() {
        assertThat(parse("{\"stream\":\"ORDERS\", \"seq\":0,\"batch\":\"B1\",\"count\":300}"))
                .isEqualTo(new BatchReply.Ended("B1", 300, 0));
    }

    @Test
    void recognizesTheAcknowledgementOfAServerWithoutBatches() {
        assertThat(parse("{\"stream\":\"ORDERS\", \"seq\":7}")).isEqualTo(new BatchReply.StoredAlone("ORDERS", 7));
    }

    @Test
    void readsAnErrorWithItsSequenceInTheBatch() {
        assertThat(parse("{\"type\":\"err\",\"seq\":10,\"error\":"
                        + "{\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence: 1\"}}"))
                .isEqualTo(new BatchReply.Refused(10, new PublishReply.Refused(400, 10071, "wrong last sequence: 1")));
    }

    @Test
    void readsAnErrorWithoutASequence() {
        assertThat(parse("{\"error\":{\"code\":400,\"err_code\":10205,\"description\":\"not enabled\"},"
                        + "\"stream\":\"ORDERS\",\"seq\":0}"))
                .isEqualTo(new BatchReply.Refused(0, new PublishReply.Refused(400, 10205, "not enabled")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ok",
                "[]",
                "{}",
                "{\"type\":\"ack\",\"seq\":1}",
                "{\"type\":\"ack\",\"seq\":1,\"msgs\":0}",
                "{\"type\":\"ack\",\"seq\":1,\"msgs\":65536}",
                "{\"type\":\"other\",\"seq\":1}",
                "{\"stream\":\"ORDERS\"}"
            })
    void rejectsAnythingElse(String text) {
        assertThat(parse(text)).isEqualTo(new BatchReply.Unrecognized());
    }

    private static BatchReply parse(String text) {
        return BatchReply.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
