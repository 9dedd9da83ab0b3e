package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.http.DurationText;
import dev.sluice.stream.ConsumerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON view of a consumer. A field that can be set has the same name in a consumer definition. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(SnakeCaseStrategy.class)
public record ConsumerView(
        String stream,
        String name,
        String kind,
        boolean durable,
        @Nullable Instant created,
        List<String> filterSubjects,
        @JsonSerialize(using = DurationText.Writer.class) Duration ackWait,
        long maxDeliver,
        long maxAckPending,
        String deliver,
        String ackPolicy,

        @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration inactiveThreshold,

        State state) {

    /** The current state of a consumer. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record State(
            long pending,
            long ackPending,
            long redelivered,
            long waiting,
            long deliveredSeq,
            long ackedSeq,
            boolean paused) {}

    static ConsumerView of(ConsumerInfo consumer) {
        ConsumerInfo.State state = consumer.state();
        return new ConsumerView(
                consumer.stream(),
                consumer.name(),
                consumer.push() ? "push" : "pull",
                consumer.durable(),
                consumer.created(),
                consumer.filterSubjects(),
                consumer.ackWait(),
                consumer.maxDeliver(),
                consumer.maxAckPending(),
                StartPositionText.of(consumer.start()),
                consumer.ackPolicy(),
                consumer.inactiveThreshold(),
                new State(
                        state.pending(),
                        state.ackPending(),
                        state.redelivered(),
                        state.waiting(),
                        state.deliveredSequence(),
                        state.ackedSequence(),
                        state.paused()));
    }
}
