package dev.sluice.http.pull;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.sluice.access.AckTokens;
import dev.sluice.nats.MessageJson;
import dev.sluice.stream.pull.Delivery;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The JSON view of a delivery: the payload as text, or as base64 if it is not text, and the ack token, which is omitted
 * if the consumer does not use acks.
 */
@JsonSerialize(using = DeliveryView.Writer.class)
record DeliveryView(Delivery delivery, @Nullable String ackToken) {

    static DeliveryView of(Delivery delivery, AckTokens tokens) {
        return new DeliveryView(delivery, delivery.expectsAck() ? tokens.of(delivery.position()) : null);
    }

    /** Writes the members without an object for each of them: one fetch may have a thousand messages. */
    static final class Writer extends StdSerializer<DeliveryView> {
        private static final long serialVersionUID = 1;

        Writer() {
            super(DeliveryView.class);
        }

        @Override
        public void serialize(DeliveryView message, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            Delivery delivery = message.delivery;
            json.writeStartObject();
            json.writeStringField("subject", delivery.subject());
            json.writeNumberField("seq", delivery.streamSequence());
            json.writeStringField("time", delivery.timestamp().toString());
            json.writeNumberField("delivered", delivery.delivered());
            json.writeNumberField("pending", delivery.pending());
            MessageJson.writeHeaders(json, delivery.headers());
            MessageJson.writePayload(json, "data", delivery.data());
            if (message.ackToken != null) {
                json.writeStringField("ack_token", message.ackToken);
            }
            json.writeEndObject();
        }
    }
}
