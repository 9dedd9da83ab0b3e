package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.nats.PayloadText;
import dev.sluice.stream.replay.StreamMessage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON view of a stored message: as the event of a tail. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MessageView(
        String subject,
        long seq,
        Instant time,
        Map<String, List<String>> headers,
        @Nullable String data,
        @JsonProperty("data_base64") byte @Nullable [] dataBase64) {

    static MessageView of(StreamMessage stored) {
        byte[] payload = stored.message().data();
        String text = PayloadText.of(payload);
        return new MessageView(
                stored.message().subject(),
                stored.sequence(),
                stored.time(),
                stored.message().headers(),
                text,
                text == null ? payload : null);
    }
}
