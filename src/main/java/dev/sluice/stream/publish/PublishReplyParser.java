package dev.sluice.stream.publish;

import io.nats.client.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Parses the JSON of a reply to a publish. Hand-written because it runs once for each stored message, and most of
 * the text is a stream name that was parsed shortly before. Accepts members in any order, any white space and unknown
 * members. Text that is not JSON, or not an answer of JetStream, is {@link PublishReply.Foreign}. Never throws. Not
 * thread-safe.
 */
final class PublishReplyParser {
    private static final int NO_RESPONDERS = 503;
    private static final String STREAM = "stream";
    private static final String SEQUENCE = "seq";
    private static final String DUPLICATE = "duplicate";
    private static final String ERROR = "error";
    private static final String CODE = "code";
    private static final String ERROR_CODE = "err_code";
    private static final String DESCRIPTION = "description";
    private static final String[] MEMBERS = {STREAM, SEQUENCE, DUPLICATE, ERROR};
    private static final String[] ERROR_MEMBERS = {CODE, ERROR_CODE, DESCRIPTION};
    private static final PublishReply.Refused NO_ERROR = new PublishReply.Refused(0, 0, "");

    private final JsonCursor json = new JsonCursor();
    private String lastStream = "";

    /** Parses an answer that may be a status of the server. */
    PublishReply parse(Message answer) {
        if (!answer.isStatusMessage()) {
            return parse(answer.getData());
        }
        return answer.getStatus().getCode() == NO_RESPONDERS
                ? PublishReply.NoResponders.INSTANCE
                : PublishReply.Foreign.INSTANCE;
    }

    PublishReply parse(byte[] text) {
        if (!utf8(text)) {
            return PublishReply.Foreign.INSTANCE;
        }
        json.open(text);
        PublishReply reply = acknowledgement();
        return json.wellFormed() ? reply : PublishReply.Foreign.INSTANCE;
    }

    private PublishReply acknowledgement() {
        String stream = "";
        long sequence = 0;
        boolean duplicate = false;
        PublishReply error = NO_ERROR;
        for (boolean first = true; json.nextMember(first, MEMBERS); first = false) {
            switch (json.name()) {
                case STREAM -> stream = string(lastStream);
                case SEQUENCE -> sequence = integer();
                case DUPLICATE -> duplicate = trueOrElse();
                case ERROR -> error = error();
                default -> json.skip();
            }
        }
        if (error != NO_ERROR) {
            return error;
        }
        if (stream.isEmpty() || sequence <= 0) {
            return PublishReply.Foreign.INSTANCE;
        }
        lastStream = stream;
        return new PublishReply.Stored(new Receipt(stream, sequence, duplicate));
    }

    private PublishReply error() {
        char kind = json.peek();
        if (kind != '{') {
            json.skip();
            return kind == 'n' ? NO_ERROR : PublishReply.Foreign.INSTANCE;
        }
        long code = 0;
        long errorCode = 0;
        String description = "";
        for (boolean first = true; json.nextMember(first, ERROR_MEMBERS); first = false) {
            switch (json.name()) {
                case CODE -> code = integer();
                case ERROR_CODE -> errorCode = integer();
                case DESCRIPTION -> description = string();
                default -> json.skip();
            }
        }
        boolean known = code > 0 && code < 1000 && errorCode > 0 && errorCode <= Integer.MAX_VALUE;
        return known
                ? new PublishReply.Refused((int) code, (int) errorCode, description)
                : PublishReply.Foreign.INSTANCE;
    }

    private String string(String... likely) {
        if (json.peek() == '"') {
            return json.string(likely);
        }
        json.skip();
        return "";
    }

    private long integer() {
        char kind = json.peek();
        if (kind == '-' || Character.isDigit(kind)) {
            return json.integer();
        }
        json.skip();
        return 0;
    }

    private boolean trueOrElse() {
        char kind = json.peek();
        json.skip();
        return kind == 't';
    }

    private static boolean utf8(byte[] text) {
        for (byte b : text) {
            if (b < 0) {
                return strictUtf8(text);
            }
        }
        return true;
    }

    private static boolean strictUtf8(byte[] text) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
