package dev.sluice.stream;

import static io.nats.client.support.JsonValueUtils.readBoolean;
import static io.nats.client.support.JsonValueUtils.readDate;
import static io.nats.client.support.JsonValueUtils.readLong;
import static io.nats.client.support.JsonValueUtils.readNanos;
import static io.nats.client.support.JsonValueUtils.readObject;
import static io.nats.client.support.JsonValueUtils.readString;
import static io.nats.client.support.JsonValueUtils.readStringList;

import dev.sluice.failure.Failure;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration and state of a consumer, as the server reports them.
 *
 * @param deliverSubject null for a pull consumer
 * @param deliverGroup null if there is no queue group
 * @param heartbeat idle heartbeat interval of a push consumer, zero if it has none
 * @param flowControl whether a push consumer has flow control
 * @param ackPolicy as the server writes it
 * @param maxDeliver -1 for no limit
 * @param maxAckPending -1 for no limit
 * @param inactiveThreshold null if an unused consumer is not deleted
 * @param limits limits of a pull
 * @param followers number of servers besides the leader that store its state
 * @param configuration the complete configuration, including fields that Sluice does not know
 */
public record ConsumerInfo(
        String stream,
        String name,
        @Nullable Instant created,
        boolean durable,
        @Nullable String deliverSubject,
        @Nullable String deliverGroup,
        Duration heartbeat,
        boolean flowControl,
        String ackPolicy,
        List<String> filterSubjects,
        StartPosition start,
        Duration ackWait,
        long maxDeliver,
        long maxAckPending,
        @Nullable Duration inactiveThreshold,
        PullLimits limits,
        int followers,
        Map<String, JsonValue> configuration,
        State state) {

    /** Limits of the pulls of one consumer. A limit that is not set has the largest value. */
    public record PullLimits(int maxBatch, long maxBytes, Duration maxExpires, long maxWaiting) {
        private static final Duration MAX_DURATION = Duration.ofNanos(Long.MAX_VALUE);

        private static PullLimits of(JsonValue config) {
            Duration expires = readNanos(config, "max_expires", Duration.ZERO);
            return new PullLimits(
                    (int) Math.min(positive(config, "max_batch"), Integer.MAX_VALUE),
                    positive(config, "max_bytes"),
                    expires.isZero() || expires.isNegative() ? MAX_DURATION : expires,
                    positive(config, "max_waiting"));
        }

        private static long positive(JsonValue config, String name) {
            long value = readLong(config, name, 0);
            return value <= 0 ? Long.MAX_VALUE : value;
        }
    }

    /**
     * The state of a consumer.
     *
     * @param pending messages not delivered yet
     * @param ackPending messages delivered and not settled
     * @param redelivered messages delivered more than once and not settled
     * @param waiting open pulls
     * @param deliveries number of deliveries so far
     * @param deliveredSequence stream sequence of the last delivered message; a new consumer begins after it
     * @param ackedSequence all messages up to this stream sequence are settled
     */
    public record State(
            long pending,
            long ackPending,
            long redelivered,
            long waiting,
            long deliveries,
            long deliveredSequence,
            long ackedSequence,
            boolean paused) {}

    public boolean push() {
        return deliverSubject != null;
    }

    /** Returns how deliveries are settled. A policy of a newer server expects acks. */
    public AckMode ackMode() {
        return switch (ackPolicy) {
            case "none" -> AckMode.NONE;
            case "all" -> AckMode.ALL;
            default -> AckMode.EXPLICIT;
        };
    }

    /** Returns whether a majority of servers must agree before a message is delivered. */
    public boolean needsQuorum() {
        return followers > 0 && ackMode() != AckMode.NONE;
    }

    /** Returns whether a pull now would receive a new message. */
    public boolean delivers() {
        return state.pending() > 0 && !waitsForAcks() && !state.paused();
    }

    /** Returns whether there is no new message, and one that comes would be delivered. */
    public boolean caughtUp() {
        return state.pending() == 0 && !waitsForAcks();
    }

    private boolean waitsForAcks() {
        return maxAckPending > 0 && state.ackPending() >= maxAckPending;
    }

    /** Reads the answer to {@code CONSUMER.INFO} or {@code CONSUMER.CREATE}. */
    public static ConsumerInfo of(JsonValue answer) {
        JsonValue config = JetStreamJson.member(answer, "config");
        if (config == null || config.map == null) {
            throw Failure.UNAVAILABLE.because("JetStream described a consumer without its configuration");
        }
        String onlyFilter = readString(config, "filter_subject", "");
        Duration unused = readNanos(config, "inactive_threshold", Duration.ZERO);
        ZonedDateTime created = readDate(answer, "created");
        return new ConsumerInfo(
                readString(answer, "stream_name", ""),
                readString(answer, "name", ""),
                created == null ? null : created.toInstant(),
                !readString(config, "durable_name", "").isEmpty(),
                text(config, "deliver_subject"),
                text(config, "deliver_group"),
                readNanos(config, "idle_heartbeat", Duration.ZERO),
                readBoolean(config, "flow_control"),
                readString(config, "ack_policy", "none"),
                onlyFilter.isEmpty() ? List.copyOf(readStringList(config, "filter_subjects")) : List.of(onlyFilter),
                start(config),
                readNanos(config, "ack_wait", Duration.ZERO),
                readLong(config, "max_deliver", -1),
                readLong(config, "max_ack_pending", -1),
                unused.isZero() ? null : unused,
                PullLimits.of(config),
                JsonValueUtils.readArray(readObject(answer, "cluster"), "replicas")
                        .size(),
                config.map,
                new State(
                        readLong(answer, "num_pending", 0),
                        readLong(answer, "num_ack_pending", 0),
                        readLong(answer, "num_redelivered", 0),
                        readLong(answer, "num_waiting", 0),
                        readLong(readObject(answer, "delivered"), "consumer_seq", 0),
                        readLong(readObject(answer, "delivered"), "stream_seq", 0),
                        readLong(readObject(answer, "ack_floor"), "stream_seq", 0),
                        readBoolean(answer, "paused")));
    }

    private static @Nullable String text(JsonValue config, String name) {
        String value = readString(config, name, "");
        return value.isEmpty() ? null : value;
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
