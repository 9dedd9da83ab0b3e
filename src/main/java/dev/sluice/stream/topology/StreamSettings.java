package dev.sluice.stream.topology;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.WithDefault;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One declared stream. A key without a value leaves that to the server, or as an operator has set it. */
public interface StreamSettings {

    /** Whether it is declared at all: to switch off one that is declared by default. What exists stays as it is. */
    @WithDefault("true")
    boolean enabled();

    /** What the stream stores; patterns. */
    @NotEmpty
    List<String> subjects();

    /** How long a message is kept; {@code 0s} for as long as there is room. */
    Optional<Duration> maxAge();

    /** {@code file} or {@code memory}; the server refuses to change it. */
    @WithDefault("file")
    Storage storage();

    /** On how many servers; 3 in a cluster. */
    @Min(1)
    @Max(5)
    OptionalInt replicas();

    /** How large the stream may grow. Policy: {@code discard}. */
    Optional<MemorySize> maxBytes();

    /** How many messages the stream may hold. Policy: {@code discard}. */
    OptionalLong maxMessages();

    /** How many messages of one subject the stream may hold. Policy: {@code discard}. */
    OptionalLong maxMessagesPerSubject();

    /** Most bytes of one message, headers included. Policy: refused, TOO_LARGE. */
    Optional<MemorySize> maxMessageSize();

    /** Who gives way in a full stream: the {@code old} messages, or the {@code new} one, which is refused. */
    Optional<Discard> discard();

    /** What keeps a message: the {@code limits}, an {@code interest} of consumers, or a {@code workqueue}. */
    Optional<Retention> retention();

    /** How long a message id is remembered, so that a second message under it is not stored. */
    Optional<Duration> duplicateWindow();

    /** Whether any replica may answer reads of single messages. */
    Optional<Boolean> allowDirect();

    /** Fast-ingest batches, on servers that have them (2.14); elsewhere the stream goes without. */
    @WithDefault("false")
    boolean allowBatched();

    /** Atomic batches, on servers that have them (2.12); elsewhere the stream goes without. */
    @WithDefault("false")
    boolean allowAtomic();

    /** The stream's consumers by name. */
    Map<String, @Valid ConsumerSettings> consumers();

    /** Where messages are kept. */
    enum Storage {
        FILE,
        MEMORY
    }

    /** Who gives way in a full stream. */
    enum Discard {
        OLD,
        NEW
    }

    /** What keeps a message. */
    enum Retention {
        LIMITS,
        INTEREST,
        WORKQUEUE
    }
}
