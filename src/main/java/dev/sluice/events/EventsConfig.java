package dev.sluice.events;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Server-sent events: {@code sluice.events.*}. */
@ConfigMapping(prefix = "sluice.events")
public interface EventsConfig {

    /**
     * Maximum number of open tails of this instance. Policy: a further tail is rejected with 503 and
     * {@code Retry-After}.
     */
    @WithDefault("10000")
    @AtLeast("1")
    int maxConnections();

    /** Maximum number of subject patterns of one tail. Policy: a request with more is rejected with 400. */
    @WithDefault("64")
    @AtLeast("1")
    int maxSubjects();

    /**
     * Maximum number of bytes that wait for one client's socket. Policy: further messages of a core source are dropped,
     * counted and reported with a {@code dropped} event; further messages of a stream are read from the stream later. A
     * single larger message is accepted if nothing else waits.
     */
    @WithDefault("1M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize clientBuffer();

    /**
     * Maximum number of bytes that wait for one event loop, per feed, format and filter. Policy: further messages of a
     * core source are dropped for all clients of that loop, and reported to them; a stream is not asked for more while
     * more than half is in use.
     */
    @WithDefault("8M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize loopBuffer();

    /** Idle time after which a comment is sent, so that proxies keep the connection open. */
    @WithDefault("15s")
    @AtLeast("10ms")
    @AtMost("1h")
    Duration heartbeat();

    /** Time that a client should wait before it reconnects, with a jitter of ±25%. */
    @WithDefault("2s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration retry();

    /**
     * Maximum lifetime of a tail, with a jitter of ±10%. After it the tail is closed and the client reconnects. If it is
     * longer, the console and the client script open a tail again that was silent for 12 minutes.
     */
    @WithDefault("10m")
    @AtLeast("1s")
    @AtMost("365d")
    Duration lifetime();

    /** Maximum time for a client to read the last events of a closed tail; after it the connection is reset. */
    @WithDefault("5s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration closeTimeout();

    /** Maximum number of filters of one tail. Policy: a request with more is rejected with 400. */
    @WithDefault("16")
    @AtLeast("0")
    int maxFilters();

    /** Maximum length of one filter in characters. Policy: a request with a longer filter is rejected with 400. */
    @WithDefault("512")
    @AtLeast("1")
    int maxFilterLength();

    /**
     * Maximum number of bytes of messages that wait for evaluation, per feed, format and filter; all clients with the
     * same combination share it. Policy: further messages of a core source are dropped for these clients, counted and
     * reported with a {@code dropped} event; further messages of a stream are read from the stream later.
     */
    @WithDefault("1M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize filterBuffer();

    /**
     * Maximum number of history pages that are read from streams at once, over all tails. Policy: further tails wait in
     * FIFO order; each tail reads one page at a time. Tails with filters have a separate limit of a quarter of this
     * number.
     */
    @WithDefault("32")
    @AtLeast("1")
    int maxPages();

    /**
     * Maximum number of concurrent reads of stored messages outside of tails ({@code GET …/messages}), over all clients.
     * Policy: a further read is rejected with 429.
     */
    @WithDefault("32")
    @AtLeast("1")
    int maxReads();

    /** Maximum number of messages in one page. */
    @WithDefault("512")
    @AtLeast("1")
    int pageMessages();

    /** Maximum number of bytes in one page; the message that exceeds it is the last of the page. */
    @WithDefault("256K")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize pageSize();
}
