package dev.sluice.http.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses one NDJSON line of a bulk publish into a message. An unknown field, a duplicate field and text that is not
 * UTF-8 are rejected: a guess could publish a message that the client did not intend.
 */
final class LineParser {
    /** Reads UTF-8 only: the parser would take zero bytes at the start for UTF-16 or UTF-32. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final String PAYLOADS = "data, data_base64 and json";

    private final byte[] line;
    private final JsonParser json;
    private final Map<String, List<String>> headers = new LinkedHashMap<>();
    private @Nullable Subject subject;
    private byte @Nullable [] payload;

    private LineParser(byte[] line, JsonParser json) {
        this.line = line;
        this.json = json;
    }

    /** @throws SluiceException {@code INVALID}, {@code BAD_SUBJECT} or {@code RESERVED_SUBJECT}; no other failure */
    static OutboundMessage read(byte[] line) {
        requireUtf8(line);
        try (JsonParser json = JSON.createParser(line)) {
            return new LineParser(line, json).read();
        } catch (StreamConstraintsException e) {
            throw Failure.INVALID.because("The line is nested too deeply or has a number or name that is too long", e);
        } catch (JsonParseException e) {
            String detail = "The line is not one JSON object with unique names; the error is at column %d";
            throw Failure.INVALID.because(detail.formatted(e.getLocation().getColumnNr()), e);
        } catch (IOException e) {
            throw Failure.INVALID.because("The line is not JSON in UTF-8", e);
        }
    }

    private OutboundMessage read() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw Failure.INVALID.because("A line must be one JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            readField(name);
        }
        if (json.nextToken() != null) {
            throw Failure.INVALID.because("A line must be one JSON object with nothing after it");
        }
        if (subject == null) {
            throw Failure.INVALID.because("The field subject is missing");
        }
        if (payload == null) {
            throw Failure.INVALID.because("One of the fields " + PAYLOADS + " is required");
        }
        return new OutboundMessage(subject, MessageHeaders.of(headers), payload);
    }

    private void readField(String name) throws IOException {
        switch (name) {
            case "subject" -> subject = new Subject(text(name));
            case "data" -> take(utf8(name, text(name)));
            case "data_base64" -> take(base64(text(name)));
            case "json" -> take(compactJson());
            case "id" -> add(NatsHeaders.MESSAGE_ID, text(name));
            case "expected_last_subject_sequence" ->
                add(NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(sequence(name)));
            case "headers" -> readHeaders();
            default -> throw Failure.INVALID.because("Unknown field " + quotable(name));
        }
    }

    private void readHeaders() throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw Failure.INVALID.because("The field headers must be an object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            String field = "headers." + quotable(name);
            if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    add(name, text(field));
                }
            } else {
                add(name, text(field));
            }
        }
    }

    private void add(String header, String value) {
        headers.computeIfAbsent(header, name -> new ArrayList<>()).add(value);
    }

    private void take(byte[] data) {
        if (payload != null) {
            throw Failure.INVALID.because("Only one of the fields " + PAYLOADS + " is allowed");
        }
        payload = data;
    }

    private String text(String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw Failure.INVALID.because("The field " + field + " must be a string");
        }
        return json.getText();
    }

    private long sequence(String field) throws IOException {
        boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!whole || json.getLongValue() < 0) {
            throw Failure.INVALID.because("The field " + field + " must be a whole number, 0 or more");
        }
        return json.getLongValue();
    }

    /**
     * Returns the JSON value byte by byte as in the line, without the white space between tokens. No number is rounded.
     */
    private byte[] compactJson() throws IOException {
        int from = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        json.finishToken();
        int to = (int) json.currentLocation().getByteOffset();
        byte[] compact = new byte[to - from];
        int length = 0;
        boolean inString = false;
        for (int at = from; at < to; at++) {
            byte b = line[at];
            if (inString && b == '\\') {
                compact[length++] = b;
                b = line[++at];
            } else if (b == '"') {
                inString = !inString;
            } else if (!inString && (b == ' ' || b == '\t' || b == '\r')) {
                continue;
            }
            compact[length++] = b;
        }
        return Arrays.copyOf(compact, length);
    }

    private static byte[] base64(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw Failure.INVALID.because("The field data_base64 is not base64 (RFC 4648, section 4)", e);
        }
    }

    private static byte[] utf8(String field, String text) {
        return hasSurrogate(text) ? strictUtf8(field, text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] strictUtf8(String field, String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] exact = new byte[bytes.remaining()];
            bytes.get(exact);
            return exact;
        } catch (CharacterCodingException e) {
            throw Failure.INVALID.because("The field " + field + " has an unpaired surrogate", e);
        }
    }

    private static void requireUtf8(byte[] line) {
        for (byte b : line) {
            if (b < 0) {
                requireStrictUtf8(line);
                return;
            }
        }
    }

    private static void requireStrictUtf8(byte[] line) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line));
        } catch (CharacterCodingException e) {
            throw Failure.INVALID.because("The line is not valid UTF-8", e);
        }
    }

    private static String quotable(String name) {
        return name.length() > 64 ? name.substring(0, 64) + "…" : name;
    }
}
