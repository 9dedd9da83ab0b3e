package dev.sluice.stream.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerPause;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.Declared;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.Purge;
import dev.sluice.stream.StreamDefinition;
import dev.sluice.stream.StreamInfo;
import dev.sluice.stream.topology.TopologyConfig;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * Lists, inspects, declares and deletes streams and consumers at the server. Reserved streams are omitted from lists
 * and fail {@code RESERVED_SUBJECT}. Missing ones fail {@code NO_STREAM} or {@code NO_CONSUMER}. Answers arrive on a
 * thread of the connection.
 */
@Singleton
public final class Catalog {
    private static final String VERSION_2_10 = "2.10.0";
    /** The API level (ADR-44) of nats-server 2.11. */
    private static final int LEVEL_OF_PAUSE = 1;
    /** The API level of nats-server 2.14. */
    private static final int LEVEL_OF_RESET = 4;

    /**
     * The fields that a definition sets. Other fields of a consumer's configuration are preserved. The server replaces the
     * ack wait by the first value of a backoff, so a definition with an ack wait removes the backoff.
     */
    private static final Set<String> DEFINED = Set.of(
            "name",
            "durable_name",
            "filter_subject",
            "filter_subjects",
            "deliver_policy",
            "opt_start_seq",
            "opt_start_time",
            "ack_policy",
            "ack_wait",
            "backoff",
            "max_deliver",
            "max_ack_pending");

    private static final Duration FRESH = Duration.ofSeconds(5);
    private static final int MAX_READABLE = 1_000;

    private final JetStreamApi api;
    private final Cache<String, Boolean> readable = Caffeine.newBuilder()
            .maximumSize(MAX_READABLE)
            .expireAfterWrite(FRESH)
            .build();

    @Inject
    public Catalog(JetStreamApis jetStream, TopologyConfig config) {
        api = jetStream.publishing(config.timeout());
    }

    public Uni<StreamInfo> stream(String name) {
        ConsumerRef.check("stream", name);
        return StreamInfo.reservedName(name)
                ? Uni.createFrom().failure(reserved(name))
                : api.streamInfo(name)
                        .onFailure(Failure.NO_STREAM::matches)
                        .transform(missing -> ((SluiceException) missing).ofStream(name))
                        .invoke(info -> {
                            if (info.reserved()) {
                                throw reserved(name);
                            }
                        });
    }

    /**
     * Completes if {@code stream} exists and is not reserved. Fails as {@link #stream}. A positive answer is cached for
     * five seconds, so that frequent fetches do not request the stream info each time. A stream that is recreated as a copy
     * of a reserved one is detected after that.
     */
    public Uni<Void> requireReadable(String stream) {
        return Uni.createFrom()
                .deferred(() -> readable.getIfPresent(stream) != null
                        ? Uni.createFrom().voidItem()
                        : stream(stream)
                                .invoke(found -> readable.put(stream, true))
                                .replaceWithVoid());
    }

    /**
     * Creates the stream, or updates it to {@code definition}. Fails {@code CONFLICT}, naming the fields, if the server
     * does not permit the change; {@code INVALID} for an invalid definition; {@code NOT_SUPPORTED} if it does not know a
     * field; {@code RESERVED_SUBJECT} for a stream that is reserved or copies a reserved one.
     */
    public Uni<Declared<StreamInfo>> declare(StreamDefinition definition) {
        return requireCopyable(definition.originNames()).chain(() -> stream(definition.name())
                .call(() -> requireFeatures(definition))
                .chain(actual -> update(definition, actual))
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithUni(() -> requireFeatures(definition).chain(() -> create(definition))));
    }

    /** A stream that does not exist yet may be copied. */
    private Uni<Void> requireCopyable(List<String> origins) {
        return Multi.createFrom()
                .iterable(origins)
                .onItem()
                .transformToUniAndConcatenate(origin ->
                        stream(origin).onFailure(Failure.NO_STREAM::matches).recoverWithNull())
                .collect()
                .last()
                .replaceWithVoid();
    }

    /** Deletes the stream with its messages and consumers. */
    public Uni<Void> deleteStream(String name) {
        return stream(name).chain(() -> api.deleteStream(name)).invoke(() -> readable.invalidate(name));
    }

    /**
     * Removes the messages that {@code request} selects and returns their number. Fails {@code CONFLICT} if the stream does
     * not permit it.
     */
    public Uni<Long> purge(String name, Purge request) {
        return removable(name, "deny_purge")
                .map(found -> request.upTo(found.state().lastSequence() + 1))
                .chain(within -> within.none() ? Uni.createFrom().item(0L) : api.purge(name, within));
    }

    /** Fails {@code CONFLICT} if the stream does not permit that a message is deleted. */
    public Uni<StreamInfo> requireDeletable(String name) {
        return removable(name, "deny_delete");
    }

    /** The server reports a stream that permits no removal with the same error as a failure of its storage. */
    private Uni<StreamInfo> removable(String name, String denial) {
        return stream(name).invoke(found -> {
            JsonValue config = new JsonValue(found.configuration());
            if (JsonValueUtils.readBoolean(config, denial) || JsonValueUtils.readBoolean(config, "sealed")) {
                throw Failure.CONFLICT.because("The stream " + name + " does not permit that messages are removed");
            }
        });
    }

    private Uni<Declared<StreamInfo>> create(StreamDefinition definition) {
        return api.createStream(definition.name(), definition.over(Map.of()))
                .call(made -> requireAll(definition, made))
                .map(made -> new Declared<>(made, true));
    }

    /** Deletes what the server has just created without a field of the definition, and fails. */
    private Uni<Void> requireAll(StreamDefinition definition, StreamInfo made) {
        List<String> ignored = definition.ignoredBy(made);
        return ignored.isEmpty()
                ? Uni.createFrom().voidItem()
                : api.deleteStream(definition.name()).invoke(() -> {
                    throw StreamDefinition.unsupported(ignored);
                });
    }

    private Uni<Declared<StreamInfo>> update(StreamDefinition definition, StreamInfo before) {
        return api.changeStream(definition.name(), definition.over(before.configuration()))
                .onFailure(Failure.CONFLICT::matches)
                .transform(refused -> unchangeable(definition, before, (SluiceException) refused))
                .invoke(after -> {
                    List<String> ignored = definition.ignoredBy(after);
                    if (!ignored.isEmpty()) {
                        throw StreamDefinition.unsupported(ignored);
                    }
                })
                .map(after -> new Declared<>(after, false));
    }

    /** Names the fields, if the server refuses the change of a field and not, for example, a subject of another stream. */
    private static SluiceException unchangeable(
            StreamDefinition definition, StreamInfo before, SluiceException refused) {
        List<String> fixed = definition.fixedIn(before.configuration());
        return fixed.isEmpty() || !JetStreamErrors.hasCode(refused, JetStreamErrors.STREAM_INVALID_CONFIG)
                ? refused
                : Failure.CONFLICT.because(
                        "NATS does not change " + String.join(", ", fixed) + " of this stream: " + refused.getMessage(),
                        refused.natsErrorCode().orElse(0));
    }

    private Uni<Void> requireFeatures(StreamDefinition definition) {
        if (definition.since210() && !api.serverSince(VERSION_2_10)) {
            return Uni.createFrom()
                    .failure(Failure.NOT_SUPPORTED.because(
                            "compression, metadata, subject_transform and subject_transforms need a NATS"
                                    + " server 2.10 or newer"));
        }
        return definition.level() == 0
                ? Uni.createFrom().voidItem()
                : requireLevel(definition.level(), definition::unsupported);
    }

    /** Fails with {@code tooOld} if the server's API level (ADR-44) is lower than {@code needed}. */
    private Uni<Void> requireLevel(int needed, LongFunction<SluiceException> tooOld) {
        return api.apiLevel()
                .invoke(level -> {
                    if (level < needed) {
                        throw tooOld.apply(level);
                    }
                })
                .replaceWithVoid();
    }

    /** Returns a page of the streams without the reserved ones. {@code offset} counts reserved streams too. */
    public Uni<ListPage<StreamInfo>> streams(int offset) {
        return api.streams(offset)
                .map(page -> page.only(stream -> !stream.reserved(), name -> !StreamInfo.reservedName(name)));
    }

    public Uni<ConsumerInfo> consumer(ConsumerRef ref) {
        return stream(ref.stream()).chain(() -> api.consumerInfo(ref));
    }

    /** Returns a page of the stream's consumers, starting at {@code offset}. */
    public Uni<ListPage<ConsumerInfo>> consumers(String stream, int offset) {
        return stream(stream).chain(() -> api.consumers(stream, offset));
    }

    /**
     * Creates the consumer, or updates it to {@code definition}. Fails {@code CONFLICT} if it is push based or the
     * server does not permit the change; {@code NOT_SUPPORTED} for several filters on servers before 2.10, which would
     * ignore the filters; {@code INVALID} for other refusals.
     */
    public Uni<Declared<ConsumerInfo>> declare(ConsumerDefinition definition) {
        ConsumerRef ref = definition.ref();
        return stream(ref.stream())
                .invoke(() -> requireFilters(definition))
                .chain(() -> api.consumerInfo(ref))
                .chain(actual -> update(definition, actual))
                .onFailure(Failure.NO_CONSUMER::matches)
                .recoverWithUni(() -> change(definition, Map.of()).map(consumer -> new Declared<>(consumer, true)));
    }

    public Uni<Void> delete(ConsumerRef ref) {
        return stream(ref.stream()).chain(() -> api.deleteConsumer(ref));
    }

    /**
     * Stops the deliveries of the consumer until {@code until}, also if it is paused already. Fails {@code NOT_SUPPORTED} on
     * servers before 2.11.
     */
    public Uni<ConsumerPause> pause(ConsumerRef ref, Instant until) {
        return pause(ref, Optional.of(until));
    }

    /** Ends a pause. Fails as {@link #pause}. */
    public Uni<ConsumerPause> resume(ConsumerRef ref) {
        return pause(ref, Optional.empty());
    }

    private Uni<ConsumerPause> pause(ConsumerRef ref, Optional<Instant> until) {
        return consumer(ref)
                .chain(() -> requireLevel(LEVEL_OF_PAUSE, level -> tooOld("A pause", "2.11")))
                .chain(() -> api.pauseConsumer(ref, until));
    }

    /**
     * Starts the consumer again at a sequence. All deliveries that are not settled are forgotten. Fails {@code CONFLICT} if
     * the definition of the consumer does not permit the sequence, {@code NOT_SUPPORTED} on servers before 2.14.
     *
     * @param sequence first sequence to deliver; empty for the first one that is not settled
     */
    public Uni<ConsumerInfo> reset(ConsumerRef ref, OptionalLong sequence) {
        return consumer(ref)
                .chain(() -> requireLevel(LEVEL_OF_RESET, level -> tooOld("A reset", "2.14")))
                .chain(() -> api.resetConsumer(ref, sequence));
    }

    private static SluiceException tooOld(String what, String version) {
        return Failure.NOT_SUPPORTED.because(what + " of a consumer needs a NATS server " + version + " or newer");
    }

    private Uni<Declared<ConsumerInfo>> update(ConsumerDefinition definition, ConsumerInfo before) {
        if (before.push()) {
            throw Failure.CONFLICT.because("The consumer " + definition.ref() + " is push based");
        }
        Uni<ConsumerInfo> after = definition.describes(before)
                ? Uni.createFrom().item(before)
                : change(definition, before.configuration());
        return after.map(consumer -> new Declared<>(consumer, false));
    }

    private Uni<ConsumerInfo> change(ConsumerDefinition definition, Map<String, JsonValue> before) {
        Map<String, JsonValue> config = new HashMap<>(before);
        config.keySet().removeAll(DEFINED);
        Map<String, JsonValue> defined = definition.fields();
        DEFINED.stream().filter(defined::containsKey).forEach(name -> config.put(name, defined.get(name)));
        return api.declareConsumer(definition.ref(), config);
    }

    private void requireFilters(ConsumerDefinition definition) {
        if (definition.filterSubjects().size() > 1 && !api.serverSince(VERSION_2_10)) {
            throw Failure.NOT_SUPPORTED.because("Several filter_subjects need a NATS server 2.10 or newer");
        }
    }

    private static SluiceException reserved(String stream) {
        return Failure.RESERVED_SUBJECT
                .because("The stream " + stream + " belongs to NATS itself, or to a bucket")
                .ofStream(stream);
    }
}
