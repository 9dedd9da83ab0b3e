package dev.sluice.cloudevents;

import dev.sluice.failure.Failure;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a request carries CloudEvents (HTTP protocol binding, section 3). */
public enum ContentMode {
    /** The request is not a CloudEvent. */
    NONE,
    /** The headers are the attributes, and the body is the data. */
    BINARY,
    /** The body is one event in JSON. */
    STRUCTURED,
    /** The body is a JSON array of events. */
    BATCHED;

    /** The media type of one event. */
    public static final String EVENT = "application/cloudevents+json";
    /** The media type of an array of events. */
    public static final String BATCH = "application/cloudevents-batch+json";

    private static final String FAMILY = "application/cloudevents";

    /**
     * Returns the mode of a request. JSON is always UTF-8 (RFC 8259, section 8.1), so a charset has no effect.
     *
     * @param attributes whether a header is an attribute
     * @throws dev.sluice.failure.SluiceException {@code UNSUPPORTED_MEDIA_TYPE} for events in another format than JSON
     */
    public static ContentMode of(@Nullable String contentType, boolean attributes) {
        if (contentType == null || !isOfFamily(contentType)) {
            return attributes ? BINARY : NONE;
        }
        return switch (contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
            case EVENT -> STRUCTURED;
            case BATCH -> BATCHED;
            default ->
                throw Failure.UNSUPPORTED_MEDIA_TYPE.because(
                        "The Content-Type of CloudEvents must be " + EVENT + " or " + BATCH);
        };
    }

    /** Returns whether the media type is that of events in any format. */
    static boolean isOfFamily(String contentType) {
        return contentType.regionMatches(true, 0, FAMILY, 0, FAMILY.length());
    }
}
