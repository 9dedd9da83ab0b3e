package dev.sluice.http;

import dev.sluice.failure.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameter {@code ack} of a publish. */
final class AckParameter {
    static final String PARAMETER = "ack";

    private AckParameter() {}

    /**
     * Whether a publish waits until a stream has stored the message ({@code stored}, unless it is given) or not
     * ({@code none}).
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it is anything else
     */
    static boolean ofStream(@Nullable List<String> given) {
        return switch (QueryParameters.single(given, PARAMETER).orElse("stored")) {
            case "stored" -> true;
            case "none" -> false;
            default -> throw Failure.INVALID.because("The parameter ack is stored or none");
        };
    }
}
