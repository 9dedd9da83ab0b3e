package dev.sluice.embedded;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of the embedded nats-server: how it is found, downloaded and run. */
@ConfigMapping(prefix = "sluice.embedded")
public interface EmbeddedConfig {
    /**
     * Whether to run an embedded server. Ignored if {@code sluice.nats.servers} is set. Unset: yes in development and
     * test, no in production.
     */
    Optional<Boolean> enabled();

    /** Path of the nats-server to run. If set, no other source is tried, and a binary that does not run is an error. */
    Optional<Path> binary();

    /**
     * Port on 127.0.0.1. 0: the server selects a free port. A port in use is an error at startup. A restarted server
     * uses the same port again.
     */
    @WithDefault("0")
    @AtLeast("0")
    @AtMost("65535")
    int port();

    /**
     * JetStream's data folder. Only one server can use it at a time: a folder in use is an error. Unset: {@code data}
     * in the cache directory, so that messages survive a restart in development mode. If another Sluice uses that
     * folder, a temporary folder is used and a warning names it.
     */
    Optional<Path> dataDirectory();

    /**
     * Whether messages are kept after close. {@code false}: they are stored in a temporary folder that is deleted on
     * close, for tests.
     */
    @WithDefault("true")
    boolean keepData();

    /** Directory for the downloaded nats-server and, by default, for the data. */
    @WithDefault("${xdg.cache.home:${user.home}/.cache}/sluice")
    Path cacheDirectory();

    /**
     * Whether a nats-server may be downloaded. {@code false}: neither the release nor the Debian package is downloaded;
     * a nats-server must be installed.
     */
    @WithDefault("true")
    boolean fetch();

    /** URL of the folder with the official archives of the pinned version. A mirror must serve identical bytes. */
    @WithDefault(ReleaseArchive.FOLDER)
    URI releaseUrl();

    /**
     * Maximum time until the first response of the release server, and the network timeout of {@code apt-get}. Closed
     * networks often hang instead of rejecting a connection.
     */
    @WithDefault("5s")
    @AtLeast("1s")
    @AtMost("1h")
    Duration connectTimeout();

    /**
     * Maximum time of each step of a download (one HTTP download, one {@code apt-get} run). After it, that source has
     * failed.
     */
    @WithDefault("2m")
    @AtLeast("1s")
    @AtMost("1d")
    Duration downloadTimeout();

    /** Maximum time from the launch of the server until it accepts clients, including the recovery of JetStream. */
    @WithDefault("30s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration startTimeout();

    /** Maximum time for the server to stop, in whole seconds. After it, the server is killed. */
    @WithDefault("10s")
    @AtLeast("1s")
    @AtMost("1h")
    Duration stopTimeout();
}
