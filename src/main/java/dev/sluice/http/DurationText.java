package dev.sluice.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text form of durations in the HTTP API, the same as in the configuration: {@code 30s}, {@code 500ms}. Milliseconds
 * can have a fraction of up to six digits: NATS counts nanoseconds.
 */
public final class DurationText {
    private static final Pattern READABLE =
            Pattern.compile("(?<count>[0-9]{1,15})(?<unit>ms|[smhd])|(?<millis>[0-9]{1,15}\\.[0-9]{1,6})ms");

    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    private DurationText() {}

    public static String of(Duration duration) {
        return duration.toNanosPart() == 0
                ? duration.toSeconds() + "s"
                : BigDecimal.valueOf(duration.toNanos(), 6).stripTrailingZeros().toPlainString() + "ms";
    }

    /** Returns null if {@code text} is no duration, or longer than {@link Duration} can hold. */
    public static @Nullable Duration parse(String text) {
        Matcher matcher = READABLE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String millis = matcher.group("millis");
        try {
            return millis == null
                    ? Duration.of(Long.parseLong(matcher.group("count")), UNITS.get(matcher.group("unit")))
                    : Duration.ofNanos(new BigDecimal(millis).movePointRight(6).longValueExact());
        } catch (ArithmeticException tooLong) {
            return null;
        }
    }

    /** Reads a duration from JSON. */
    public static final class Reader extends JsonDeserializer<Duration> {
        @Override
        public Duration deserialize(JsonParser json, DeserializationContext context) throws IOException {
            String text = json.getValueAsString();
            Duration duration = text == null ? null : parse(text);
            if (duration == null) {
                return (Duration) context.handleWeirdStringValue(Duration.class, String.valueOf(text), "no duration");
            }
            return NatsTime.holds(duration)
                    ? duration
                    : (Duration) context.handleWeirdStringValue(Duration.class, text, "longer than NATS can hold");
        }
    }

    /** Writes a duration to JSON. */
    public static final class Writer extends JsonSerializer<Duration> {
        @Override
        public void serialize(Duration duration, JsonGenerator json, SerializerProvider context) throws IOException {
            json.writeString(of(duration));
        }
    }
}
