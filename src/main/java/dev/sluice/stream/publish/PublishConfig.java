package dev.sluice.stream.publish;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** The bounds of stored publishing. */
@ConfigMapping(prefix = "sluice.publish")
public interface PublishConfig {

    /** How many single publishes may wait for their stream's answer. Policy: one more is refused, OVERLOADED. */
    @WithDefault("2048")
    @Min(1)
    @Max(65_536)
    int window();

    /** How many bytes of payload may wait with the single publishes. Policy: one more is refused, OVERLOADED. */
    @WithDefault("64M")
    MemorySize windowBytes();

    /** How many streams of messages may be published at the same time. Policy: one more is refused, OVERLOADED. */
    @WithDefault("16")
    @Min(1)
    @Max(1024)
    int streams();

    /** How many messages of one such stream may wait. Policy: back-pressure, its source is not asked for more. */
    @WithDefault("256")
    @Min(1)
    @Max(16_384)
    int streamWindow();

    /** From how many bytes of payload on, waiting in one such stream, its source is not asked for more. */
    @WithDefault("8M")
    MemorySize streamBytes();

    /**
     * How long an ingest that is given nothing more waits before it ends its batch, to know that what it sent is stored.
     * Shorter means more batches for a source that trickles, longer means later checkpoints for it; servers abandon a
     * batch after 10 s.
     */
    @WithDefault("200ms")
    Duration ingestLinger();

    /** How long one attempt waits for an answer before the message is sent again under the same message id. */
    @WithDefault("2s")
    Duration ackTimeout();

    /**
     * How long all attempts together may take. Policy: OUTCOME_UNKNOWN if an attempt stayed without an answer, else the
     * last refusal, or UNAVAILABLE if it was never sent. It has to be shorter than the streams' duplicate window, or a
     * message that is sent again could be stored twice.
     */
    @WithDefault("5s")
    Duration deadline();

    /** The pause before the first repetition of a publish that was refused for now; it doubles, with jitter. */
    @WithDefault("250ms")
    Duration backoff();

    /** The longest such pause. */
    @WithDefault("2s")
    Duration maxBackoff();
}
