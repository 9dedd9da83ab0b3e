package dev.sluice.nats;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.NUID;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Makes a responder visible as a NATS service: replies to {@code $SRV.PING}, {@code INFO} and {@code STATS} (ADR-32).
 * The service framework of jnats expects blocking handlers and measures only the time until they return, so this class
 * implements the small protocol itself.
 */
final class ServiceDirectory {
    private static final String PREFIX = "$SRV.";
    private static final String TYPE = "io.nats.micro.v1.";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ServiceDescription service;
    private final Map<String, Object> endpoint;
    private final EndpointStats stats;
    private final String id = new NUID().next();
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    ServiceDirectory(ServiceDescription service, String subject, String queueGroup, EndpointStats stats) {
        this.service = service;
        this.stats = stats;
        endpoint = new LinkedHashMap<>();
        endpoint.put("name", subject.replace('.', '-'));
        endpoint.put("subject", subject);
        endpoint.put("queue_group", queueGroup);
    }

    /**
     * Returns what replies to the requests to all services, to services of this name and to this instance, by subject. A
     * request is replied to on the connection on which it arrived.
     */
    Map<String, BiConsumer<Connection, Message>> handlers() {
        Map<String, BiConsumer<Connection, Message>> handlers = new LinkedHashMap<>();
        answer(handlers, "PING", this::ping);
        answer(handlers, "INFO", this::info);
        answer(handlers, "STATS", this::stats);
        return handlers;
    }

    private void answer(
            Map<String, BiConsumer<Connection, Message>> handlers, String verb, Supplier<Map<String, Object>> content) {
        String all = PREFIX + verb;
        String named = all + "." + service.name();
        for (String subject : List.of(all, named, named + "." + id)) {
            handlers.put(subject, (connection, message) -> reply(connection, message, content.get()));
        }
    }

    private static void reply(Connection connection, Message message, Map<String, Object> content) {
        String replyTo = message.getReplyTo();
        if (replyTo != null) {
            MessageSender.send(connection, replyTo, null, Map.of(), bytes(content));
        }
    }

    private Map<String, Object> ping() {
        return presentation("ping_response");
    }

    private Map<String, Object> info() {
        Map<String, Object> info = presentation("info_response");
        info.put("description", service.description());
        Map<String, Object> described = new LinkedHashMap<>(endpoint);
        described.put("metadata", Map.of());
        info.put("endpoints", List.of(described));
        return info;
    }

    private Map<String, Object> stats() {
        Map<String, Object> answer = presentation("stats_response");
        answer.put("started", started.toString());
        Map<String, Object> counted = new LinkedHashMap<>(endpoint);
        counted.put("num_requests", stats.requests());
        counted.put("num_errors", stats.errors());
        counted.put("last_error", stats.lastError());
        counted.put("processing_time", stats.processingTime());
        counted.put("average_processing_time", stats.averageProcessingTime());
        answer.put("endpoints", List.of(counted));
        return answer;
    }

    private Map<String, Object> presentation(String type) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("type", TYPE + type);
        content.put("name", service.name());
        content.put("id", id);
        content.put("version", service.version());
        content.put("metadata", Map.of());
        return content;
    }

    static byte[] bytes(Map<String, Object> content) {
        try {
            return JSON.writeValueAsBytes(content);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
