package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.http.DurationText;
import dev.sluice.stream.StreamInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON view of a stream. A limit that is not set is omitted.
 *
 * @param sealed true if the stream never changes again, else null
 * @param configuration what a client can send back to change the stream; null in a list
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(SnakeCaseStrategy.class)
public record StreamView(
        String name,
        List<String> subjects,
        @Nullable Instant created,
        @Nullable Boolean sealed,
        Limits limits,
        @Nullable StreamConfiguration configuration,
        State state) {

    /** The configuration and limits of a stream. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonNaming(SnakeCaseStrategy.class)
    public record Limits(
            String retention,
            String discard,
            String storage,
            long replicas,

            @JsonSerialize(using = DurationText.Writer.class) @Nullable
            Duration maxAge,

            @Nullable Long maxBytes,
            @Nullable Long maxMessages,
            @Nullable Long maxMessagesPerSubject,
            @Nullable Long maxMessageSize,
            @Nullable Long maxConsumers,

            @JsonSerialize(using = DurationText.Writer.class) @Nullable
            Duration duplicateWindow) {}

    /** The current state of a stream. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonNaming(SnakeCaseStrategy.class)
    public record State(
            long messages,
            long bytes,
            long firstSeq,
            @Nullable Instant firstTime,
            long lastSeq,
            @Nullable Instant lastTime,
            long consumers) {}

    /** Returns the complete view. */
    static StreamView of(StreamInfo stream) {
        return of(stream, StreamConfiguration.of(stream));
    }

    /** Returns the view for a list. */
    static StreamView listed(StreamInfo stream) {
        return of(stream, null);
    }

    private static StreamView of(StreamInfo stream, @Nullable StreamConfiguration configuration) {
        StreamInfo.Limits limits = stream.limits();
        StreamInfo.State state = stream.state();
        return new StreamView(
                stream.name(),
                stream.subjects(),
                stream.created(),
                stream.sealed() ? true : null,
                new Limits(
                        limits.retention(),
                        limits.discard(),
                        limits.storage(),
                        limits.replicas(),
                        limits.maxAge(),
                        limits.maxBytes(),
                        limits.maxMessages(),
                        limits.maxMessagesPerSubject(),
                        limits.maxMessageSize(),
                        limits.maxConsumers(),
                        limits.duplicateWindow()),
                configuration,
                new State(
                        state.messages(),
                        state.bytes(),
                        state.firstSequence(),
                        state.firstTime(),
                        state.lastSequence(),
                        state.empty() ? null : state.lastTime(),
                        state.consumers()));
    }
}
