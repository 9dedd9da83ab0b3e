package dev.sluice.http.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.AcceptHeader;
import dev.sluice.http.JsonText;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.PayloadText;
import dev.sluice.nats.ReplyItem;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The encoding of several replies to a request: lines of JSON, or server-sent events. */
enum ReplyFormat {
    NDJSON(JsonText.NDJSON) {
        @Override
        String frame(String json, boolean end) {
            return json + "\n";
        }
    },
    /** The end is an event of the type {@code end}. */
    EVENTS("text/event-stream") {
        @Override
        String frame(String json, boolean end) {
            return (end ? "event: end\n" : "") + "data: " + json + "\n\n";
        }
    };

    private static final List<String> PRODUCED = List.of(NDJSON.mediaType, EVENTS.mediaType);

    private final String mediaType;

    ReplyFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /** @param json without a line break */
    abstract String frame(String json, boolean end);

    /**
     * Returns the format that the client accepts.
     *
     * @throws dev.sluice.failure.SluiceException {@code NOT_ACCEPTABLE} if it accepts none
     */
    static ReplyFormat accepted(RoutingContext context) {
        return AcceptHeader.best(context, PRODUCED).equals(EVENTS.mediaType) ? EVENTS : NDJSON;
    }

    byte[] encode(ReplyItem item, ObjectMapper json) {
        Object view = item instanceof ReplyItem.Reply reply
                ? ReplyView.of(reply.message())
                : EndView.of((ReplyItem.End) item);
        return frame(JsonText.of(json, view), item instanceof ReplyItem.End).getBytes(StandardCharsets.UTF_8);
    }

    /** One reply. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReplyView(
            Map<String, List<String>> headers,
            @Nullable String data,
            @JsonProperty("data_base64") byte @Nullable [] dataBase64) {

        private static ReplyView of(InboundMessage reply) {
            String text = PayloadText.of(reply.data());
            return new ReplyView(reply.headers(), text, text == null ? reply.data() : null);
        }
    }

    /** Why no reply follows. */
    public record EndView(String end, long replies) {

        private static EndView of(ReplyItem.End end) {
            return new EndView(end.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'), end.replies());
        }
    }
}
