package dev.sluice.stream.topology;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** One declared stream. An unset key has the server's default, or stays as an operator has set it. */
public interface StreamSettings {

    /** Whether the stream is declared. {@code false} disables a default stream; an existing stream is unchanged. */
    @WithDefault("true")
    boolean enabled();

    /**
     * Whether an existing stream may be narrowed to these settings: to lower limits, fewer replicas or fewer subjects, or
     * to a policy that removes messages. The server then deletes the messages beyond a lower limit. {@code false}: the
     * stream stays as wide as it is, and the service is not ready.
     */
    @WithDefault("false")
    boolean narrow();

    /** Subject patterns of the stored messages. */
    List<String> subjects();

    /** Maximum age of a message; {@code 0s} for no limit. */
    Optional<Duration> maxAge();

    /** {@code file} or {@code memory}. The server rejects a change. */
    @WithDefault("file")
    Storage storage();

    /** Number of replicas; 3 in a cluster. */
    @AtLeast("1")
    @AtMost("5")
    OptionalInt replicas();

    /** Maximum size of the stream; 0 for no limit. Policy: {@code discard}. */
    Optional<MemorySize> maxBytes();

    /** Maximum number of messages in the stream; 0 for no limit. Policy: {@code discard}. */
    Optional<Long> maxMessages();

    /** Maximum number of messages per subject; 0 for no limit. Policy: {@code discard}. */
    Optional<Long> maxMessagesPerSubject();

    /** Maximum size of one message, including headers; 0 for no limit. Policy: a larger message is rejected with TOO_LARGE. */
    Optional<MemorySize> maxMessageSize();

    /** Policy of a full stream: {@code old} removes the oldest messages, {@code new} rejects new messages. */
    Optional<Discard> discard();

    /** Retention policy: {@code limits}, {@code interest} or {@code workqueue}. */
    Optional<Retention> retention();

    /** Time for which message ids are tracked. A second message with the same id is not stored. 0 for the
     * server's default. */
    Optional<Duration> duplicateWindow();

    /** Whether any replica may answer direct gets (reads of single messages). */
    Optional<Boolean> allowDirect();

    /** Whether to enable fast-ingest batches. Requires server 2.14; ignored on older servers. */
    @WithDefault("false")
    boolean allowBatched();

    /** Whether to enable atomic batches. Requires server 2.12; ignored on older servers. */
    @WithDefault("false")
    boolean allowAtomic();

    /** The stream's consumers by name. */
    Map<String, ConsumerSettings> consumers();

    /** The storage of the messages. */
    enum Storage {
        FILE,
        MEMORY
    }

    /** The policy of a full stream. */
    enum Discard {
        OLD,
        NEW
    }

    /** The retention policy. */
    enum Retention {
        LIMITS,
        INTEREST,
        WORKQUEUE
    }
}
