package dev.sluice.events;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** Server-sent events: {@code sluice.events.*}. */
@ConfigMapping(prefix = "sluice.events")
public interface EventsConfig {

    /** Most open tails of this instance; one more is answered 503 with {@code Retry-After}. */
    @WithDefault("10000")
    @Min(1)
    int maxConnections();

    /** Most patterns that one tail may ask for; more are refused. */
    @WithDefault("64")
    @Min(1)
    int maxSubjects();

    /**
     * Most bytes that wait for one client's socket. Beyond it messages of a core source are dropped, counted and
     * told with a {@code dropped} event, those of a stream are read from it later; one larger message still passes when
     * nothing else waits.
     */
    @WithDefault("1M")
    MemorySize clientBuffer();

    /**
     * Most bytes that wait for one event loop, per subscription and format. Beyond it messages of a core source are
     * dropped for all clients of that loop, who are told; at half of it nothing more is asked of a stream.
     */
    @WithDefault("8M")
    MemorySize loopBuffer();

    /** Silence after which a comment is sent, so that proxies keep the connection. */
    @WithDefault("15s")
    Duration heartbeat();

    /** How long a client should wait before it reconnects; spread by a quarter to both sides. */
    @WithDefault("2s")
    Duration retry();

    /** How long a tail lives, spread by a tenth to both sides; then it is closed and the client reconnects. */
    @WithDefault("10m")
    Duration lifetime();

    /** How long a closed tail may take to read its last events before the connection is cut. */
    @WithDefault("5s")
    Duration closeTimeout();

    /** Most filters of one tail; more are refused. */
    @WithDefault("16")
    @Min(0)
    int maxFilters();

    /** Most characters of one filter; a longer one is refused. */
    @WithDefault("512")
    @Min(1)
    int maxFilterLength();

    /**
     * Most bytes of messages that wait for the filters of one view, which are shared by all clients who ask for the same.
     * Beyond it messages of a core source are dropped for these clients, counted and told with a {@code dropped} event;
     * those of a stream are read from it later.
     */
    @WithDefault("1M")
    MemorySize filterBuffer();

    /**
     * Most pages of history that are read from streams at once, over all tails. The tails beyond it wait for their turn
     * in order; each has one page at a time. Tails with filters have a quarter as many of their own.
     */
    @WithDefault("32")
    @Min(1)
    int maxPages();

    /** Most messages of one page. */
    @WithDefault("512")
    @Min(1)
    int pageMessages();

    /** Most bytes of one page; the message that exceeds it is its last. */
    @WithDefault("256K")
    MemorySize pageSize();
}
