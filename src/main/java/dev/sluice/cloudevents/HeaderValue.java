package dev.sluice.cloudevents;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Encodes attributes as header values (bindings of HTTP and NATS, section 3.1.3.2 of both). */
final class HeaderValue {
    private HeaderValue() {}

    /** Returns the text of a header, or null if it is not printable ASCII or its percent-encoding is not UTF-8. */
    static @Nullable String decode(String header) {
        String text = unquoted(header);
        if (text == null) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return null;
            }
            if (c == '%') {
                if (i + 2 >= text.length()
                        || !HexFormat.isHexDigit(text.charAt(i + 1))
                        || !HexFormat.isHexDigit(text.charAt(i + 2))) {
                    return null;
                }
                bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    /** Returns the content of a quoted string (RFC 9110, section 5.6.4), and another value as it is. */
    private static @Nullable String unquoted(String header) {
        if (header.length() < 2 || !header.startsWith("\"") || !header.endsWith("\"")) {
            return header;
        }
        StringBuilder text = new StringBuilder(header.length());
        int end = header.length() - 1;
        for (int i = 1; i < end; i++) {
            if (header.charAt(i) == '\\' && ++i == end) {
                return null;
            }
            text.append(header.charAt(i));
        }
        return text.toString();
    }

    static String encode(String value) {
        StringBuilder header = new StringBuilder(value.length());
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b <= '~' && b != '"' && b != '%') {
                header.append((char) b);
            } else {
                header.append('%').append("%02X".formatted(b));
            }
        }
        return header.toString();
    }
}
