package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullStatusTest {
    @ParameterizedTest
    @CsvSource({
        "100, Idle Heartbeat, HEARTBEAT",
        "404, No Messages, ENDED",
        "408, Request Timeout, ENDED",
        "408, Interest Expired, ENDED",
        "409, Batch Completed, ENDED",
        "409, Message Size Exceeds MaxBytes, OVERSIZE",
        "409, Leadership Change, LOST",
        "409, Server Shutdown, LOST",
        "409, Exceeded MaxWaiting, BUSY",
        "409, Exceeded MaxRequestBatch of 5, LIMITED",
        "409, Exceeded MaxRequestExpires of 1s, LIMITED",
        "409, Exceeded MaxRequestMaxBytes of 4096, LIMITED",
        "409, Consumer Deleted, DELETED",
        "409, Consumer is push based, PUSH",
        "409, Something New, UNKNOWN",
        "503, No Responders Available For Request, NO_RESPONDERS",
        "400, Bad Request, BAD_REQUEST",
        "412, Required Api Level, UNSUPPORTED",
        "423, Nats-Wrong-Pin-Id, UNSUPPORTED",
        "599, Whatever, UNKNOWN"
    })
    void theCodeDecidesAndOnlyAConflictNeedsItsDescription(int code, String description, PullStatus meaning) {
        assertThat(PullStatus.of(code, description)).isEqualTo(meaning);
    }
}
