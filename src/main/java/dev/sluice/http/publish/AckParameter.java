package dev.sluice.http.publish;

import dev.sluice.http.QueryParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The query parameter {@code ack} of a publish. */
final class AckParameter {
    static final String PARAMETER = "ack";

    private AckParameter() {}

    /**
     * Returns whether a publish waits until a stream has stored the message: true for {@code stored}, which is the
     * default, false for {@code none}.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} for any other value
     */
    static boolean waitsForStream(@Nullable List<String> given) {
        return switch (QueryParameters.single(given, PARAMETER).orElse("stored")) {
            case "stored" -> true;
            case "none" -> false;
            default -> throw QueryParameters.wrong(PARAMETER, "must be stored or none");
        };
    }
}
