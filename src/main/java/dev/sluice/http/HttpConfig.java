package dev.sluice.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** Limits of the REST face: {@code sluice.http.*}. */
@ConfigMapping(prefix = "sluice.http")
public interface HttpConfig {

    /**
     * Most bytes of a request's address, its query included; more is answered 414. From
     * {@code quarkus.http.limits.max-initial-line-length} on the answer has no body.
     */
    @WithDefault("8K")
    MemorySize maxUriSize();

    /**
     * Most bytes of a request's headers together; more is answered 431. From {@code quarkus.http.limits.max-header-size}
     * on the answer has no body.
     */
    @WithDefault("16K")
    MemorySize maxHeadersSize();

    /**
     * Bytes that wait in the kernel on the way to one client; Linux grants twice as many, for what it keeps beside them. What
     * is more waits with whoever sends it: an event stream tells its client what it misses, all else stops being read.
     */
    @WithDefault("64K")
    MemorySize sendBuffer();

    /** Most bytes of one published message; more is answered 413. NATS' own limit, 1 MiB by default, still applies. */
    @WithDefault("1M")
    MemorySize maxMessageSize();

    /** How long a message's body may take to arrive; then 408 and the connection is closed. */
    @WithDefault("30s")
    Duration bodyTimeout();

    /** Most bytes of one line of a bulk publish; a longer one gets a receipt, 413, and the next lines go on. */
    @WithDefault("2M")
    MemorySize maxLineSize();

    /**
     * How long a bulk publish may go on without a whole line coming in or a receipt being taken; then it ends, with 408
     * as its last receipt. A blank line, which is otherwise ignored, keeps it open.
     */
    @WithDefault("30s")
    Duration lineTimeout();

    /** Most bytes of a body that is one JSON document; more is answered 413. */
    @WithDefault("256K")
    MemorySize maxJsonSize();

    /** Bounds of {@code POST …/fetch}. */
    Fetch fetch();

    /** Bounds of {@code POST …/ack}. */
    Ack ack();

    /** Bounds of a fetch. What a request asks for beyond them is answered 400. */
    interface Fetch {

        /** Messages of a fetch that does not say. */
        @WithDefault("10")
        @Min(1)
        int batch();

        /** Messages of one fetch at most. */
        @WithDefault("1000")
        @Min(1)
        int maxBatch();

        /** Bytes of a fetch that does not say, as the server counts them. */
        @WithDefault("1M")
        MemorySize size();

        /** Bytes of one fetch at most. */
        @WithDefault("4M")
        MemorySize maxSize();

        /** How long a fetch waits that does not say. */
        @WithDefault("5s")
        @DurationMin(millis = 1)
        Duration expires();

        /** How long a fetch waits at most. */
        @WithDefault("30s")
        @DurationMin(millis = 1)
        Duration maxExpires();

        /** How long a fetch that is not to wait gives the server to say that nothing is there. */
        @WithDefault("500ms")
        @DurationMin(millis = 1)
        Duration noWait();

        /** Fetches at once, waiting or not. Policy: one more is answered 429. */
        @WithDefault("256")
        @Min(1)
        int maxWaiting();
    }

    /** Bounds of acks. */
    interface Ack {

        /** Deliveries that one request settles at most; more is answered 400. */
        @WithDefault("1000")
        @Min(1)
        int maxTokens();

        /** How long one confirmation may take. Policy: that token is told as failed. */
        @WithDefault("5s")
        @DurationMin(millis = 1)
        Duration timeout();

        /** Confirmations that one request waits for at once; the others wait for their turn. */
        @WithDefault("64")
        @Min(1)
        int concurrency();

        /** The longest delay of a nak; more is answered 400. */
        @WithDefault("24h")
        Duration maxDelay();
    }
}
