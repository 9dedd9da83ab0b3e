package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * A validated name of an object: any text (ADR-20). It is part of a subject only in its encoded form, so no name can
 * change a subject.
 */
public record ObjectName(String value) {
    private static final int MAX_BYTES = 1024;
    private static final char LAST_OF_ASCII = 0x7F;
    private static final char LAST_OF_LATIN_1 = 0xFF;

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public ObjectName {
        if (!valid(value)) {
            throw Failure.INVALID.because("The name of an object is valid UTF-8 of 1 to " + MAX_BYTES + " bytes");
        }
    }

    /** Returns whether an object can have this name here. Other clients may have longer ones. */
    public static boolean valid(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_BYTES
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && name.codePoints().noneMatch(point -> Character.getType(point) == Character.SURROGATE);
    }

    /** Returns the last tokens of the subjects that clients use for this name. The first is the one to write. */
    public List<String> encodings() {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        String encoded = Base64.getUrlEncoder().encodeToString(bytes);
        // The Java client uses the other alphabet of Base64.
        String ofJava = Base64.getEncoder().encodeToString(bytes);
        Stream<String> ofJavaScript = latin()
                ? Stream.of(Base64.getUrlEncoder().encodeToString(value.getBytes(StandardCharsets.ISO_8859_1)))
                : Stream.empty();
        return Stream.concat(Stream.of(encoded, ofJava), ofJavaScript)
                .distinct()
                .toList();
    }

    /**
     * Returns whether the JavaScript client encodes this name as Latin-1. Then another name, in UTF-8, can have the same
     * subject: only the metadata tell which one it is.
     */
    public boolean latin() {
        return value.chars().allMatch(c -> c <= LAST_OF_LATIN_1)
                && value.chars().anyMatch(c -> c > LAST_OF_ASCII);
    }

    /**
     * Returns the name as permissions see it: the characters that a subject pattern cannot have, and the percent sign,
     * are percent-encoded.
     */
    public String permission() {
        StringBuilder text = new StringBuilder(value.length());
        value.codePoints().forEach(point -> {
            if (isPlain(point)) {
                text.appendCodePoint(point);
            } else {
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
                    text.append("%%%02X".formatted(b));
                }
            }
        });
        return text.toString();
    }

    private static boolean isPlain(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> point != '%' && point != '*' && point != '>' && point != 0xFFFD;
        };
    }

    @Override
    public String toString() {
        return value;
    }
}
