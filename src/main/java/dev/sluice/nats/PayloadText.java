package dev.sluice.nats;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Payloads as text, where they are some: JSON cannot hold anything else but in another coding. */
public final class PayloadText {
    private PayloadText() {}

    /** {@code payload} as text; null if it is not UTF-8. */
    public static @Nullable String of(byte[] payload) {
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
