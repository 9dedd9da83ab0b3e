package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.AckTokens;
import dev.sluice.nats.PayloadText;
import dev.sluice.stream.pull.Delivery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON view of a delivery: the payload as text, or as base64 if it is not text, and the ack token, which is omitted
 * if the consumer does not use acks.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FetchedMessage(
        String subject,
        long seq,
        Instant time,
        long delivered,
        long pending,
        Map<String, List<String>> headers,
        @Nullable String data,
        @JsonProperty("data_base64") byte @Nullable [] dataBase64,
        @JsonProperty("ack_token") @Nullable String ackToken) {

    static FetchedMessage of(Delivery delivery, AckTokens tokens) {
        String text = PayloadText.of(delivery.data());
        return new FetchedMessage(
                delivery.subject(),
                delivery.streamSequence(),
                delivery.timestamp(),
                delivery.delivered(),
                delivery.pending(),
                delivery.headers(),
                text,
                text == null ? delivery.data() : null,
                delivery.expectsAck() ? tokens.of(delivery.position()) : null);
    }
}
