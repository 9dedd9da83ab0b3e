package dev.sluice.stream.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Parses replies to publishes, without a tree because it runs once for each stored message. Accepts members in any order and
 * unknown members. Text that is not JSON, or not an answer of JetStream, is {@link PublishReply.Unrecognized}: anybody may have
 * sent it. Never throws.
 */
final class PublishReplyParser {
    private static final int NO_RESPONDERS = 503;
    private static final byte[] BEFORE_NAME = "{\"stream\":\"".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] BEFORE_SEQUENCE = "\",\"seq\":".getBytes(StandardCharsets.ISO_8859_1);
    private static final long NO_INTEGER = -1;
    /** Every number with as many digits fits into a long. */
    private static final int MAX_DIGITS = 18;
    /**
     * Reads UTF-8 only: the parser would take zero bytes at the start for UTF-16 or UTF-32. Names are not interned: anybody may
     * choose them.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private PublishReplyParser() {}

    /** Parses an answer that may be a status of the server. */
    static PublishReply parse(Message answer) {
        if (!answer.isStatusMessage()) {
            return parse(answer.getData());
        }
        return answer.getStatus().getCode() == NO_RESPONDERS
                ? PublishReply.NoResponders.INSTANCE
                : PublishReply.Unrecognized.INSTANCE;
    }

    static PublishReply parse(byte[] text) {
        PublishReply usual = usual(text);
        return usual != null ? usual : parseJson(text);
    }

    /**
     * Reads an acknowledgement of a stream and a sequence as servers write it. This is almost every reply, and the objects of
     * a JSON parser take a third of the memory of a publish. Returns null for any other text.
     */
    private static @Nullable PublishReply usual(byte[] text) {
        int name = BEFORE_NAME.length;
        if (!matches(text, 0, BEFORE_NAME)) {
            return null;
        }
        int end = name;
        while (end < text.length && text[end] > ' ' && text[end] != '"' && text[end] != '\\') {
            end++;
        }
        int number = end + BEFORE_SEQUENCE.length;
        if (end == name || !matches(text, end, BEFORE_SEQUENCE) || text[number] == '0') {
            return null;
        }
        long sequence = 0;
        int at = number;
        while (at < text.length && at - number < MAX_DIGITS && text[at] >= '0' && text[at] <= '9') {
            sequence = sequence * 10 + text[at++] - '0';
        }
        if (at == number || at != text.length - 1 || text[at] != '}') {
            return null;
        }
        String stream = new String(text, name, end - name, StandardCharsets.ISO_8859_1);
        return new PublishReply.Stored(new Receipt(stream, sequence, false));
    }

    /** Returns whether {@code expected} is there and more bytes follow. */
    private static boolean matches(byte[] text, int at, byte[] expected) {
        int end = at + expected.length;
        return end < text.length && Arrays.equals(text, at, end, expected, 0, expected.length);
    }

    private static PublishReply parseJson(byte[] text) {
        try (JsonParser json = JSON.createParser(text)) {
            PublishReply reply = json.nextToken() == JsonToken.START_OBJECT
                    ? acknowledgement(json)
                    : PublishReply.Unrecognized.INSTANCE;
            return json.nextToken() == null ? reply : PublishReply.Unrecognized.INSTANCE;
        } catch (IOException notJson) {
            return PublishReply.Unrecognized.INSTANCE;
        }
    }

    private static PublishReply acknowledgement(JsonParser json) throws IOException {
        String stream = "";
        long sequence = NO_INTEGER;
        boolean duplicate = false;
        PublishReply error = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "stream" -> stream = string(json);
                case "seq" -> sequence = integer(json);
                case "duplicate" -> duplicate = json.hasToken(JsonToken.VALUE_TRUE);
                case "error" -> error = error(json);
                default -> {}
            }
            json.skipChildren();
        }
        if (error != null) {
            return error;
        }
        if (stream.isEmpty() || sequence < 0) {
            return PublishReply.Unrecognized.INSTANCE;
        }
        if (sequence > 0) {
            return new PublishReply.Stored(new Receipt(stream, sequence, duplicate));
        }
        return duplicate ? PublishReply.Refused.IN_PROCESS : PublishReply.Unrecognized.INSTANCE;
    }

    private static @Nullable PublishReply error(JsonParser json) throws IOException {
        if (!json.hasToken(JsonToken.START_OBJECT)) {
            return json.hasToken(JsonToken.VALUE_NULL) ? null : PublishReply.Unrecognized.INSTANCE;
        }
        long code = 0;
        long errorCode = 0;
        String description = "";
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "code" -> code = integer(json);
                case "err_code" -> errorCode = integer(json);
                case "description" -> description = string(json);
                default -> {}
            }
            json.skipChildren();
        }
        boolean known = code > 0 && code < 1000 && errorCode > 0 && errorCode <= Integer.MAX_VALUE;
        return known
                ? new PublishReply.Refused((int) code, (int) errorCode, description)
                : PublishReply.Unrecognized.INSTANCE;
    }

    private static String string(JsonParser json) throws IOException {
        return json.hasToken(JsonToken.VALUE_STRING) ? json.getText() : "";
    }

    /** Returns {@link #NO_INTEGER} if the value is not written as an integer or does not fit. */
    private static long integer(JsonParser json) throws IOException {
        return json.hasToken(JsonToken.VALUE_NUMBER_INT) && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                ? json.getLongValue()
                : NO_INTEGER;
    }
}
