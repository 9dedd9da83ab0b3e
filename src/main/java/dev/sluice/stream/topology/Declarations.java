package dev.sluice.stream.topology;

import dev.sluice.stream.ConsumerRef;
import io.nats.client.support.JsonValue;
import io.quarkus.runtime.configuration.MemorySize;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Converts declared settings to JetStream API fields (ADR-2; errors and fields as in nats-server). */
final class Declarations {
    private static final JsonValue EMPTY = new JsonValue("");
    private static final long NO_LIMIT = -1;

    private Declarations() {}

    static Declaration stream(String name, StreamSettings settings) {
        ConsumerRef.check("stream", name);
        Map<String, JsonValue> fields = new HashMap<>();
        fields.put("name", new JsonValue(name));
        fields.put("subjects", strings(settings.subjects()));
        fields.put("storage", lowerCase(settings.storage()));
        settings.maxAge().ifPresent(age -> fields.put("max_age", nanos(age)));
        settings.replicas().ifPresent(count -> fields.put("num_replicas", new JsonValue(count)));
        limit(fields, "max_bytes", settings.maxBytes().map(MemorySize::asLongValue));
        limit(fields, "max_msgs", settings.maxMessages());
        limit(fields, "max_msgs_per_subject", settings.maxMessagesPerSubject());
        limit(fields, "max_msg_size", settings.maxMessageSize().map(MemorySize::asLongValue));
        settings.discard().ifPresent(who -> fields.put("discard", lowerCase(who)));
        settings.retention().ifPresent(what -> fields.put("retention", lowerCase(what)));
        settings.duplicateWindow()
                .filter(window -> !window.isZero())
                .ifPresent(window -> fields.put("duplicate_window", nanos(window)));
        settings.allowDirect().ifPresent(allowed -> fields.put("allow_direct", new JsonValue(allowed)));
        Map<String, JsonValue> wishes = new HashMap<>();
        if (settings.allowBatched()) {
            wishes.put("allow_batched", JsonValue.TRUE);
        }
        if (settings.allowAtomic()) {
            wishes.put("allow_atomic", JsonValue.TRUE);
        }
        return Declaration.stream("stream " + name, name, settings.narrow(), Map.of(), fields, wishes);
    }

    static Declaration consumer(ConsumerRef ref, ConsumerSettings settings) {
        Map<String, JsonValue> fields = new HashMap<>();
        List<String> filters = settings.filterSubjects().orElse(List.of());
        boolean single = filters.size() == 1;
        fields.put("name", new JsonValue(ref.consumer()));
        fields.put("durable_name", new JsonValue(ref.consumer()));
        fields.put("deliver_subject", EMPTY);
        fields.put("filter_subject", single ? new JsonValue(filters.get(0)) : EMPTY);
        fields.put("filter_subjects", strings(single ? List.of() : filters));
        fields.put("ack_policy", new JsonValue("explicit"));
        fields.put("deliver_policy", lowerCase(settings.deliver()));
        limit(fields, "max_deliver", Optional.of((long) settings.maxDeliver()));
        if (settings.maxAckPending() != 0) {
            fields.put("max_ack_pending", new JsonValue(settings.maxAckPending()));
        }
        Optional<List<Duration>> backoff = settings.backoff();
        if (backoff.isPresent()) {
            fields.put(
                    "backoff",
                    new JsonValue(
                            backoff.get().stream().map(Declarations::nanos).toList()));
        } else {
            fields.put("backoff", strings(List.of()));
            fields.put("ack_wait", nanos(settings.ackWait()));
        }
        return Declaration.consumer(ref, fields);
    }

    /** Declares a limit. Servers report no limit as -1, also if it is declared as 0. */
    private static void limit(Map<String, JsonValue> fields, String name, Optional<Long> limit) {
        limit.ifPresent(most -> fields.put(name, new JsonValue(most == 0 ? NO_LIMIT : most)));
    }

    private static JsonValue strings(List<String> values) {
        return new JsonValue(values.stream().map(JsonValue::new).toList());
    }

    private static JsonValue nanos(Duration duration) {
        return new JsonValue(duration.toNanos());
    }

    private static JsonValue lowerCase(Enum<?> value) {
        return new JsonValue(value.name().toLowerCase(Locale.ROOT));
    }
}
