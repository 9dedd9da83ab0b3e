package dev.sluice.stream.topology;

import dev.sluice.config.AtLeast;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One declared durable pull consumer with explicit acks. */
public interface ConsumerSettings {

    /** Subject filters; all subjects if unset. More than one requires server 2.10. */
    Optional<List<String>> filterSubjects();

    /** Time that the server waits for an ack before it redelivers the message. */
    @WithDefault("30s")
    @AtLeast("50ms")
    Duration ackWait();

    /** Ack wait per delivery, replaces {@code ack-wait}. Must have fewer values than {@code max-deliver}. */
    Optional<List<Duration>> backoff();

    /** Maximum deliveries of one message, -1 or 0 for no limit. Policy: no redelivery; the server sends an advisory. */
    @WithDefault("-1")
    @AtLeast("-1")
    int maxDeliver();

    /**
     * Maximum number of unsettled messages, -1 for no limit, 0 for the server's default. Policy: delivery stops until some
     * are settled.
     */
    @WithDefault("1000")
    @AtLeast("-1")
    int maxAckPending();

    /** Start position of a new consumer. The server rejects a change. */
    @WithDefault("all")
    Start deliver();

    /** The start position of a new consumer. */
    enum Start {
        ALL,
        NEW,
        LAST,
        LAST_PER_SUBJECT
    }
}
