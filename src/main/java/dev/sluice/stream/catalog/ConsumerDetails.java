package dev.sluice.stream.catalog;

import static io.nats.client.support.JsonValueUtils.readBoolean;
import static io.nats.client.support.JsonValueUtils.readDate;
import static io.nats.client.support.JsonValueUtils.readLong;
import static io.nats.client.support.JsonValueUtils.readNanos;
import static io.nats.client.support.JsonValueUtils.readObject;
import static io.nats.client.support.JsonValueUtils.readString;
import static io.nats.client.support.JsonValueUtils.readStringList;

import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.StartPosition;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as it is set up and where it stands.
 *
 * @param ackPolicy {@code none}, {@code all} or {@code explicit}
 * @param maxDeliver -1 for no limit
 * @param maxAckPending -1 for no limit
 * @param inactiveThreshold null if it outlives its users
 */
public record ConsumerDetails(
        String stream,
        String name,
        boolean durable,
        boolean push,
        @Nullable Instant created,
        List<String> filterSubjects,
        StartPosition start,
        String ackPolicy,
        Duration ackWait,
        long maxDeliver,
        long maxAckPending,
        @Nullable Duration inactiveThreshold,
        State state) {

    /**
     * Where a consumer stands.
     *
     * @param pending messages that it has yet to deliver for the first time
     * @param ackPending deliveries that are not settled
     * @param redelivered messages that were delivered more than once and are not settled
     * @param waiting pulls that wait
     * @param deliveredSequence the last message of the stream that it delivered
     * @param ackedSequence all messages of the stream up to this one are settled
     */
    public record State(
            long pending,
            long ackPending,
            long redelivered,
            long waiting,
            long deliveredSequence,
            long ackedSequence,
            boolean paused) {}

    /** Whether nothing needs to change for the consumer to be as {@code definition} says. */
    boolean is(ConsumerDefinition definition) {
        return durable == definition.durable()
                && ackPolicy.equalsIgnoreCase(definition.ackMode().name())
                && Set.copyOf(filterSubjects).equals(Set.copyOf(definition.filterSubjects()))
                && ackWait.equals(definition.ackWait())
                && maxDeliver == definition.maxDeliver()
                && maxAckPending == definition.maxAckPending()
                && start.equals(definition.start());
    }

    static ConsumerDetails of(JsonValue answer) {
        JsonValue config = readObject(answer, "config");
        String only = readString(config, "filter_subject", "");
        return new ConsumerDetails(
                readString(answer, "stream_name", ""),
                readString(answer, "name", ""),
                !readString(config, "durable_name", "").isEmpty(),
                !readString(config, "deliver_subject", "").isEmpty(),
                StreamDetails.instant(readDate(answer, "created")),
                only.isEmpty() ? List.copyOf(readStringList(config, "filter_subjects")) : List.of(only),
                start(config),
                readString(config, "ack_policy", ""),
                readNanos(config, "ack_wait", Duration.ZERO),
                readLong(config, "max_deliver", -1),
                readLong(config, "max_ack_pending", -1),
                StreamDetails.duration(readNanos(config, "inactive_threshold")),
                new State(
                        readLong(answer, "num_pending", 0),
                        readLong(answer, "num_ack_pending", 0),
                        readLong(answer, "num_redelivered", 0),
                        readLong(answer, "num_waiting", 0),
                        readLong(readObject(answer, "delivered"), "stream_seq", 0),
                        readLong(readObject(answer, "ack_floor"), "stream_seq", 0),
                        readBoolean(answer, "paused")));
    }

    private static StartPosition start(JsonValue config) {
        ZonedDateTime time = readDate(config, "opt_start_time");
        return switch (readString(config, "deliver_policy", "all")) {
            case "new" -> StartPosition.Edge.NEW;
            case "last" -> StartPosition.Edge.LAST;
            case "last_per_subject" -> StartPosition.Edge.LAST_PER_SUBJECT;
            case "by_start_sequence" -> new StartPosition.Sequence(readLong(config, "opt_start_seq", 1));
            case "by_start_time" -> new StartPosition.Time(time == null ? Instant.EPOCH : time.toInstant());
            default -> StartPosition.Edge.ALL;
        };
    }
}
