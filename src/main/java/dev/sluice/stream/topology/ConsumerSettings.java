package dev.sluice.stream.topology;

import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** One declared durable pull consumer whose messages are settled one by one. */
public interface ConsumerSettings {

    /** Which of the stream's subjects; all without it. More than one needs server 2.10. */
    Optional<List<String>> filterSubjects();

    /** How long the server waits for a message to be settled before it delivers it again. */
    @WithDefault("30s")
    @DurationMin(millis = 50)
    Duration ackWait();

    /** The same, per delivery, in place of {@code ack-wait}; fewer than {@code max-deliver}. */
    Optional<List<Duration>> backoff();

    /** Deliveries of one message at most, -1 for no limit. Policy: then it is left, and an advisory says so. */
    @WithDefault("-1")
    @Min(-1)
    int maxDeliver();

    /** Unsettled messages at most. Policy: nothing more is delivered until some are settled. */
    @WithDefault("1000")
    @Min(-1)
    int maxAckPending();

    /** Where a consumer that is created starts; the server refuses to change it. */
    @WithDefault("all")
    Start deliver();

    /** Where a consumer starts. */
    enum Start {
        ALL,
        NEW,
        LAST,
        LAST_PER_SUBJECT
    }
}
