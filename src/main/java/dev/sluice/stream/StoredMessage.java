package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.nats.HeaderBlock;
import io.nats.client.support.JsonValue;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message stored in a stream.
 *
 * @param headerBlock raw header block as published, not validated by the server; empty if there is none
 * @param at time at which the stream stored the message
 */
public record StoredMessage(String subject, long sequence, Instant at, byte[] headerBlock, byte[] data) {

    /** Reads the answer to {@code STREAM.MSG.GET}. */
    static StoredMessage of(JsonValue answer) {
        JsonValue message = JetStreamJson.member(answer, "message");
        if (message == null) {
            throw Failure.UNAVAILABLE.because("JetStream answered without a message");
        }
        return new StoredMessage(
                text(JetStreamJson.member(message, "subject")),
                JetStreamJson.number(JetStreamJson.member(message, "seq")),
                Instant.parse(text(JetStreamJson.member(message, "time"))),
                bytes(JetStreamJson.member(message, "hdrs")),
                bytes(JetStreamJson.member(message, "data")));
    }

    private static String text(@Nullable JsonValue value) {
        return value == null || value.string == null ? "" : value.string;
    }

    private static byte[] bytes(@Nullable JsonValue value) {
        return Base64.getDecoder().decode(text(value));
    }

    /** Parses the headers, in order and with any characters. Lines that are not headers are skipped. */
    public Map<String, List<String>> headers() {
        return HeaderBlock.parse(headerBlock);
    }
}
