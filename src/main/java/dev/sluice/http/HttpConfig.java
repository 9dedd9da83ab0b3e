package dev.sluice.http;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of the HTTP API: {@code sluice.http.*}. */
@ConfigMapping(prefix = "sluice.http")
public interface HttpConfig {

    /**
     * Maximum size of a request's address in bytes, including the query. Policy: a longer address is rejected with 414.
     * Beyond {@code quarkus.http.limits.max-initial-line-length} the response has no body.
     */
    @WithDefault("8K")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxUriSize();

    /**
     * Maximum total size of a request's headers in bytes. Policy: larger headers are rejected with 431. Beyond
     * {@code quarkus.http.limits.max-header-size} the response has no body.
     */
    @WithDefault("16K")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxHeadersSize();

    /**
     * Size of the kernel send buffer of one client connection in bytes. Linux allocates twice as much, for its own
     * bookkeeping. Further data waits in Sluice: a tail reports the messages that its client misses, for all
     * other responses the source is no longer read.
     */
    @WithDefault("64K")
    @AtLeast("1K")
    @AtMost(AtMost.MAX_INT)
    MemorySize sendBuffer();

    /**
     * Maximum payload size of one published message in bytes. Policy: a larger message is rejected with 413. The limit
     * of NATS, 1 MiB by default, also applies.
     */
    @WithDefault("1M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxMessageSize();

    /**
     * Maximum size in bytes of all bodies and lines of bulk publishes that are arriving. Those of at most 16 KiB are not
     * counted, and objects have {@code sluice.publish.uploads} instead. Policy: a further body is rejected with 429; a
     * line gets a receipt with 429.
     */
    @WithDefault("128M")
    @AtLeast("1")
    MemorySize bodyBytes();

    /**
     * Maximum size in bytes of all values and pages whose clients have not taken them. Those of at most 16 KiB are not
     * counted; objects have {@code sluice.object.downloads} instead. Policy: a further response is rejected with 429.
     */
    @WithDefault("64M")
    @AtLeast("1")
    MemorySize responseBytes();

    /**
     * Timeout for the body of a request to arrive; for that of an object, for its next bytes. Policy: rejected with 408,
     * and the connection is closed.
     */
    @WithDefault("30s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration bodyTimeout();

    /**
     * Maximum size of one line of a bulk publish in bytes. Policy: a longer line gets a receipt with 413, and the
     * following lines are processed.
     */
    @WithDefault("2M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxLineSize();

    /**
     * Timeout of a bulk publish during which no complete line arrives and no receipt is taken. Policy: the publish ends
     * with 408 as its last receipt; a client that does not read its receipts is cut off. Blank lines are
     * ignored.
     */
    @WithDefault("30s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration lineTimeout();

    /** Maximum size of a body that is one JSON document, in bytes. Policy: a larger body is rejected with 413. */
    @WithDefault("256K")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxJsonSize();

    /** Limits of {@code POST …/fetch}. */
    Fetch fetch();

    /** Limits of {@code POST …/ack}. */
    Ack ack();

    /** Limits of a fetch. A request that exceeds one is rejected with 400. */
    interface Fetch {

        /** Default number of messages of a fetch. */
        @WithDefault("10")
        @AtLeast("1")
        int batch();

        /** Maximum number of messages of a fetch. */
        @WithDefault("1000")
        @AtLeast("1")
        int maxBatch();

        /**
         * Default maximum size of a fetch in bytes, as counted by the NATS server: payload, headers and subjects. Its
         * default is above the default of {@code sluice.http.max-message-size}, so that a fetch takes every message that a
         * publish accepts; set both.
         */
        @WithDefault("1088K")
        @AtLeast("1")
        MemorySize size();

        /** Upper limit of the size that a fetch can request, in bytes. */
        @WithDefault("4M")
        @AtLeast("1")
        MemorySize maxSize();

        /** Default time that a fetch waits for messages. */
        @WithDefault("5s")
        @AtLeast("1ms")
        Duration expires();

        /** Maximum time that a fetch can wait for messages. */
        @WithDefault("30s")
        @AtLeast("1ms")
        Duration maxExpires();

        /** Time for the NATS server to report that no message is available, for a fetch with {@code no_wait}. */
        @WithDefault("500ms")
        @AtLeast("1ms")
        Duration noWait();

        /** Maximum number of concurrent fetches, waiting or not. Policy: a further fetch is rejected with 429. */
        @WithDefault("256")
        @AtLeast("1")
        int maxWaiting();
    }

    /** Limits of acks. */
    interface Ack {

        /** Maximum number of deliveries that one request settles. Policy: more are rejected with 400. */
        @WithDefault("1000")
        @AtLeast("1")
        int maxTokens();

        /**
         * Timeout of one confirmation. An ack without a responder is repeated until then. Policy: the token is reported as
         * failed.
         */
        @WithDefault("5s")
        @AtLeast("1ms")
        Duration timeout();

        /** Maximum number of confirmations that one request awaits at once. The others wait in a queue. */
        @WithDefault("64")
        @AtLeast("1")
        int concurrency();

        /** Maximum delay of a nak. Policy: a longer delay is rejected with 400. */
        @WithDefault("24h")
        @AtLeast("0s")
        @AtMost("365d")
        Duration maxDelay();
    }
}
