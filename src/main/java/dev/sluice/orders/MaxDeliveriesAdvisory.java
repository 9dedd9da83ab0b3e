package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.failure.Failure;
import java.io.IOException;

/** The server's advisory that a message reached its maximum number of deliveries without being settled. */
@JsonIgnoreProperties(ignoreUnknown = true)
record MaxDeliveriesAdvisory(
        @JsonProperty("stream") String stream,
        @JsonProperty("consumer") String consumer,
        @JsonProperty("stream_seq") long sequence,
        @JsonProperty("deliveries") long deliveries) {
    private static final JsonMapper JSON = new JsonMapper();

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} if the payload is not an advisory */
    static MaxDeliveriesAdvisory decode(byte[] advisory) {
        try {
            return JSON.readValue(advisory, MaxDeliveriesAdvisory.class);
        } catch (IOException e) {
            throw Failure.INVALID.because("This is not an advisory", e);
        }
    }
}
