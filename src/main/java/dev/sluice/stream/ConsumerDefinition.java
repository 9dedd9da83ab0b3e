package dev.sluice.stream;

import dev.sluice.failure.Failure;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The desired configuration of a pull consumer, sufficient to create it and to recreate it after its deletion.
 *
 * @param durable whether the consumer is durable; if not, it is stored in memory without replicas
 * @param filterSubjects subject filters, empty for all subjects; more than one requires server 2.10
 * @param ackWait time that the server waits for an ack before it redelivers the message
 * @param maxDeliver maximum deliveries of one message, -1 for no limit
 * @param maxAckPending maximum unsettled messages; at the limit the server stops delivery until some are settled
 * @param inactiveThreshold time without a pull after which the server deletes it, zero for the server's default; a
 *     subscriber without demand sends no pulls
 * @param headersOnly whether the payload is left out
 */
public record ConsumerDefinition(
        ConsumerRef ref,
        boolean durable,
        List<String> filterSubjects,
        AckMode ackMode,
        Duration ackWait,
        int maxDeliver,
        int maxAckPending,
        StartPosition start,
        Duration inactiveThreshold,
        boolean headersOnly) {

    public ConsumerDefinition {
        if (ref.consumer().chars().anyMatch(c -> c > '~')) {
            throw Failure.INVALID.because("The name of a consumer must be of printable ASCII characters");
        }
        filterSubjects = List.copyOf(filterSubjects);
    }

    /** Creates the definition of a consumer that delivers payloads. */
    public ConsumerDefinition(
            ConsumerRef ref,
            boolean durable,
            List<String> filterSubjects,
            AckMode ackMode,
            Duration ackWait,
            int maxDeliver,
            int maxAckPending,
            StartPosition start,
            Duration inactiveThreshold) {
        this(
                ref,
                durable,
                filterSubjects,
                ackMode,
                ackWait,
                maxDeliver,
                maxAckPending,
                start,
                inactiveThreshold,
                false);
    }

    /** Returns a copy without payloads. */
    public ConsumerDefinition withoutPayloads() {
        return copy(ref, start, true);
    }

    /** Returns a durable consumer of the complete stream with explicit acks and the server's defaults. */
    public static ConsumerDefinition durable(ConsumerRef ref) {
        return new ConsumerDefinition(
                ref,
                true,
                List.of(),
                AckMode.EXPLICIT,
                Duration.ofSeconds(30),
                -1,
                1000,
                StartPosition.Edge.ALL,
                Duration.ZERO);
    }

    /**
     * Returns an ordered consumer of the complete stream from {@code start}, without acks. The server deletes it after
     * five minutes without a pull. Each subscription creates its own consumer, with {@code ref}'s name as prefix.
     */
    public static ConsumerDefinition ordered(ConsumerRef ref, StartPosition start) {
        return new ConsumerDefinition(
                ref, false, List.of(), AckMode.NONE, Duration.ofSeconds(30), 1, -1, start, Duration.ofMinutes(5));
    }

    public ConsumerDefinition startingAt(StartPosition otherStart) {
        return copy(ref, otherStart, headersOnly);
    }

    /** Returns a copy with {@code -suffix} appended to the name. */
    public ConsumerDefinition named(String suffix) {
        return copy(new ConsumerRef(ref.stream(), ref.consumer() + "-" + suffix), start, headersOnly);
    }

    private ConsumerDefinition copy(ConsumerRef otherRef, StartPosition otherStart, boolean withoutPayload) {
        return new ConsumerDefinition(
                otherRef,
                durable,
                filterSubjects,
                ackMode,
                ackWait,
                maxDeliver,
                maxAckPending,
                otherStart,
                inactiveThreshold,
                withoutPayload);
    }

    /** Returns whether {@code consumer} matches this definition. The inactive threshold is not compared. */
    public boolean describes(ConsumerInfo consumer) {
        return durable == consumer.durable()
                && consumer.ackPolicy().equalsIgnoreCase(ackMode.name())
                && Set.copyOf(filterSubjects).equals(Set.copyOf(consumer.filterSubjects()))
                && ackWait.equals(consumer.ackWait())
                && !consumer.configuration().containsKey("backoff")
                && maxDeliver == consumer.maxDeliver()
                && maxAckPending == consumer.maxAckPending()
                && start.equals(consumer.start());
    }

    /** Converts this definition to a jnats configuration. */
    public ConsumerConfiguration toConfiguration() {
        ConsumerConfiguration.Builder builder = ConsumerConfiguration.builder()
                .name(ref.consumer())
                .ackPolicy(ackPolicy())
                .maxDeliver(maxDeliver);
        if (durable) {
            builder.durable(ref.consumer());
        } else {
            builder.memStorage(true).numReplicas(1);
        }
        if (!filterSubjects.isEmpty()) {
            builder.filterSubjects(filterSubjects);
        }
        if (ackMode != AckMode.NONE) {
            builder.ackWait(ackWait).maxAckPending(maxAckPending);
        }
        if (!inactiveThreshold.isZero()) {
            builder.inactiveThreshold(inactiveThreshold);
        }
        if (headersOnly) {
            builder.headersOnly(true);
        }
        begin(builder);
        return builder.build();
    }

    /** Returns the fields of the server's configuration. jnats leaves out a number that is -1, which is not its default. */
    public Map<String, JsonValue> fields() {
        Map<String, JsonValue> fields = new HashMap<>(
                Objects.requireNonNull(JetStreamJson.parse(toConfiguration().toJson()).map));
        if (ackMode != AckMode.NONE) {
            fields.put("max_ack_pending", new JsonValue(maxAckPending));
        }
        return fields;
    }

    private AckPolicy ackPolicy() {
        return switch (ackMode) {
            case NONE -> AckPolicy.None;
            case ALL -> AckPolicy.All;
            case EXPLICIT -> AckPolicy.Explicit;
        };
    }

    private void begin(ConsumerConfiguration.Builder builder) {
        if (start instanceof StartPosition.Sequence at) {
            builder.deliverPolicy(DeliverPolicy.ByStartSequence).startSequence(at.sequence());
        } else if (start instanceof StartPosition.Time at) {
            builder.deliverPolicy(DeliverPolicy.ByStartTime).startTime(at.time().atZone(ZoneOffset.UTC));
        } else {
            builder.deliverPolicy(
                    switch ((StartPosition.Edge) start) {
                        case ALL -> DeliverPolicy.All;
                        case NEW -> DeliverPolicy.New;
                        case LAST -> DeliverPolicy.Last;
                        case LAST_PER_SUBJECT -> DeliverPolicy.LastPerSubject;
                    });
        }
    }
}
