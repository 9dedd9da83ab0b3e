package dev.sluice.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.quarkus.runtime.configuration.DurationConverter;
import java.io.IOException;
import java.time.Duration;

/** The text form of durations in the HTTP API, the same as in the configuration: {@code 30s}, {@code 500ms}. */
final class DurationText {
    private static final String READABLE = "[0-9]{1,9}(ms|[smhd])";

    private DurationText() {}

    static String of(Duration duration) {
        return duration.toMillisPart() == 0 && duration.toNanosPart() == 0
                ? duration.toSeconds() + "s"
                : duration.toNanos() / 1_000_000d + "ms";
    }

    /** Reads a duration from JSON. */
    static final class Reader extends JsonDeserializer<Duration> {
        @Override
        public Duration deserialize(JsonParser json, DeserializationContext context) throws IOException {
            String text = json.getValueAsString();
            if (text == null || !text.matches(READABLE)) {
                return (Duration) context.handleWeirdStringValue(Duration.class, String.valueOf(text), "no duration");
            }
            Duration duration = DurationConverter.parseDuration(text);
            return NatsTime.holds(duration)
                    ? duration
                    : (Duration) context.handleWeirdStringValue(Duration.class, text, "longer than NATS can hold");
        }
    }

    /** Writes a duration to JSON. */
    static final class Writer extends JsonSerializer<Duration> {
        @Override
        public void serialize(Duration duration, JsonGenerator json, SerializerProvider context) throws IOException {
            json.writeString(of(duration));
        }
    }
}
