package dev.sluice.stream;

import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/**
 * A pull consumer as it is to be: enough to create it, and to create it again after somebody deleted it.
 *
 * @param durable whether it outlives its users; if not it is kept in memory, on one server
 * @param filterSubjects which of the stream's subjects, empty for all; more than one needs server 2.10
 * @param ackWait how long the server waits for an ack before it delivers again
 * @param maxDeliver deliveries of one message at most, -1 for no limit
 * @param maxAckPending unsettled messages at most; the server delivers no more until some are settled
 * @param inactiveThreshold how long the server keeps it without a pull, zero for the server's own rule; a subscriber
 *     without demand issues no pulls
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
        Duration inactiveThreshold) {

    public ConsumerDefinition {
        filterSubjects = List.copyOf(filterSubjects);
    }

    /** All of {@code ref}'s stream from the beginning, each message acked, the server's defaults for the rest. */
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
     * All of {@code ref}'s stream from {@code start}, in order, without acks, forgotten after five minutes unused. Each
     * subscription gets a consumer of its own; the name is only the beginning of that one's.
     */
    public static ConsumerDefinition ordered(ConsumerRef ref, StartPosition start) {
        return new ConsumerDefinition(
                ref, false, List.of(), AckMode.NONE, Duration.ofSeconds(30), 1, -1, start, Duration.ofMinutes(5));
    }

    public ConsumerDefinition startingAt(StartPosition otherStart) {
        return new ConsumerDefinition(
                ref,
                durable,
                filterSubjects,
                ackMode,
                ackWait,
                maxDeliver,
                maxAckPending,
                otherStart,
                inactiveThreshold);
    }

    /** The same under its name and a suffix. */
    public ConsumerDefinition named(String suffix) {
        return new ConsumerDefinition(
                new ConsumerRef(ref.stream(), ref.consumer() + "-" + suffix),
                durable,
                filterSubjects,
                ackMode,
                ackWait,
                maxDeliver,
                maxAckPending,
                start,
                inactiveThreshold);
    }

    /** Returns whether {@code consumer} has all that this definition names. */
    public boolean describes(ConsumerInfo consumer) {
        return durable == consumer.durable()
                && ackMode == consumer.ackMode()
                && Set.copyOf(filterSubjects).equals(Set.copyOf(consumer.filterSubjects()))
                && ackWait.equals(consumer.ackWait())
                && maxDeliver == consumer.maxDeliver()
                && maxAckPending == consumer.maxAckPending()
                && start.equals(consumer.start());
    }

    /** Returns the configuration in the terms of the JetStream API. */
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
        begin(builder);
        return builder.build();
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
