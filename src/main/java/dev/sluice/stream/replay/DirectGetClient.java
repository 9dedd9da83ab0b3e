package dev.sluice.stream.replay;

import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * Sends batched direct gets (ADR-31), which read stored messages without a consumer. Each request limits its replies.
 */
final class DirectGetClient {
    private final NatsLink link;
    private final JetStreamApi api;
    private final Duration timeout;

    /**
     * @param api a client that knows the subjects of the requests
     * @param timeout timeout of one read
     */
    DirectGetClient(NatsLink link, JetStreamApi api, Duration timeout) {
        this.link = link;
        this.api = api;
        this.timeout = timeout;
    }

    /**
     * Reads the messages of {@code stream} that match {@code filter}, from {@code sequence} on. Any replica may answer,
     * also one that is behind. The result arrives on a thread of the connection, or on the event thread of the link. Fails
     * {@code UNAVAILABLE} if NATS is unreachable, or the connection is lost before the first message.
     */
    Uni<DirectGetResult> from(String stream, String filter, long sequence, PageSize size) {
        JsonValue request = new JsonValue(Map.of(
                "seq",
                new JsonValue(sequence),
                "next_by_subj",
                new JsonValue(filter),
                "batch",
                new JsonValue(size.messages()),
                "max_bytes",
                new JsonValue(size.bytes())));
        byte[] body = request.toJson().getBytes(StandardCharsets.UTF_8);
        return Uni.createFrom().emitter(emitter -> {
            DirectGetCollector replies =
                    new DirectGetCollector(api.directGetSubject(stream), stream, size.messages(), emitter);
            link.requests().send(link.connection(), replies, body, timeout);
        });
    }
}
