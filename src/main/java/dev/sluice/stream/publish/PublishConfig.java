package dev.sluice.stream.publish;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of stored publishing. */
@ConfigMapping(prefix = "sluice.publish")
public interface PublishConfig {

    /** Maximum number of single publishes in flight. Policy: a further publish is rejected with 429. */
    @WithDefault("2048")
    @AtLeast("1")
    @AtMost("65536")
    int window();

    /** Maximum payload bytes of the single publishes in flight. Policy: a further one is rejected with 429. */
    @WithDefault("64M")
    @AtLeast("1")
    MemorySize windowBytes();

    /** Maximum number of concurrent bulk publishes. Policy: a further one is rejected with 429. */
    @WithDefault("16")
    @AtLeast("1")
    @AtMost("1024")
    int streams();

    /** Maximum messages in flight of one bulk publish. Policy: back-pressure, no more messages are requested. */
    @WithDefault("256")
    @AtLeast("1")
    @AtMost("16384")
    int streamWindow();

    /**
     * Bytes in flight of one bulk publish, payload and headers, from which no more messages are requested. Policy:
     * back-pressure. Also the maximum bytes of an atomic batch. Policy: TOO_LARGE.
     */
    @WithDefault("8M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize streamBytes();

    /** Maximum number of concurrent uploads of objects. Policy: a further one is rejected with 429. */
    @WithDefault("32")
    @AtLeast("1")
    @AtMost("1024")
    int uploads();

    /**
     * Maximum number of chunks in flight of one upload; a chunk has 128 KiB. Policy: back-pressure, the body is not
     * read.
     */
    @WithDefault("8")
    @AtLeast("1")
    @AtMost("256")
    int uploadWindow();

    /**
     * Idle time after which an ingest ends its batch, to learn that the sent messages are stored. A shorter time
     * creates more batches for a slow source; a longer time delays its checkpoints. Servers abandon a batch after 10 s.
     */
    @WithDefault("200ms")
    @AtLeast("1ms")
    @AtMost("10s")
    Duration ingestLinger();

    /**
     * Maximum time that one attempt waits for an answer. Policy: the message is sent again with the same message id.
     */
    @WithDefault("2s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration ackTimeout();

    /**
     * Maximum time of all attempts together. Policy: 503 with an unknown outcome if an attempt has no answer,
     * else the last rejection, or 503 if the message was never sent. Must be shorter than the duplicate window of the streams,
     * or a message that is sent again could be stored twice.
     */
    @WithDefault("5s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration deadline();

    /** Delay before the first retry of a publish that was rejected temporarily. It doubles, with jitter. */
    @WithDefault("250ms")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration backoff();

    /** Maximum delay before a retry, without jitter. */
    @WithDefault("2s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration maxBackoff();
}
