package dev.sluice.nats;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Recognizes and decodes payloads that are text. JSON can contain a binary payload only in another encoding. */
public final class PayloadText {
    private static final char REPLACEMENT = '\uFFFD';

    private PayloadText() {}

    /** Returns {@code payload} as text, or null if it is not valid UTF-8. */
    public static @Nullable String of(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : strict(payload);
    }

    /** Returns whether {@code payload} is valid UTF-8, without decoding it. */
    public static boolean isText(byte[] payload) {
        return ByteBufUtil.isText(Unpooled.wrappedBuffer(payload), StandardCharsets.UTF_8);
    }

    /** Distinguishes a replacement character of the payload from one that the JDK put in place of a wrong byte. */
    private static @Nullable String strict(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }
}
