package dev.sluice.http.state;

import dev.sluice.failure.Failure;
import dev.sluice.stream.object.ObjectName;
import dev.sluice.stream.object.ObjectStoreName;
import io.netty.buffer.ByteBufUtil;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The object that a path names. It is read from the path as received: the router removes the segments {@code .} and
 * {@code ..}, also if they are percent-encoded, and would take an object for its store.
 */
record ObjectPath(ObjectStoreName store, ObjectName name) {
    /** The path as a template. */
    static final String TEMPLATE = "/v1/object-stores/{store}/objects/{name:.+}";

    private static final Pattern PATH = Pattern.compile("/v1/object-stores/([^/]+)/objects/(.+)", Pattern.DOTALL);

    /**
     * Returns the object; empty if the path names none.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if the name is not valid
     */
    static Optional<ObjectPath> of(RoutingContext context) {
        String path = below(context.mountPoint(), context.request().path());
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String name = matcher.group(2);
        if (Arrays.stream(name.split("/", -1)).anyMatch(segment -> segment.equals(".") || segment.equals(".."))) {
            throw Failure.INVALID.because("Encode the dots of a segment . or .. as %2E");
        }
        return Optional.of(
                new ObjectPath(new ObjectStoreName(decoded(matcher.group(1))), new ObjectName(decoded(name))));
    }

    private static String below(@Nullable String root, @Nullable String path) {
        String raw = path == null ? "" : path;
        String prefix = root == null ? "" : root.replaceAll("/+$", "");
        return raw.startsWith(prefix) ? raw.substring(prefix.length()) : raw;
    }

    private static String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        try {
            for (int i = 0; i < raw.length; i++) {
                if (raw[i] == '%') {
                    bytes.write(ByteBufUtil.decodeHexByte(text(raw, i + 1), 0));
                    i += 2;
                } else {
                    bytes.write(raw[i]);
                }
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw Failure.INVALID.because("The name in the path must be percent-encoded UTF-8", e);
        }
    }

    private static String text(byte[] raw, int from) {
        return new String(raw, from, 2, StandardCharsets.US_ASCII);
    }
}
