package dev.sluice.http.problem;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.sluice.failure.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Describes what is wrong with a JSON body and where. Never uses the parser's message, which quotes the body and names
 * classes.
 */
final class UnreadableJson {
    private UnreadableJson() {}

    static Problem problem(JsonProcessingException failure, @Nullable String path) {
        if (failure instanceof JsonMappingException mapping && !isSyntax(mapping)) {
            return ProblemType.invalid("See the violations" + where(failure), Violations.of(mapping), path);
        }
        return ProblemType.invalid(
                "The body is not one JSON document" + where(failure),
                List.of(new Violation("body", "must be one JSON document")),
                path);
    }

    private static boolean isSyntax(JsonMappingException failure) {
        return failure.getCause() instanceof JsonProcessingException cause
                && !(cause instanceof InputCoercionException);
    }

    private static String where(JsonProcessingException failure) {
        JsonLocation at = failure.getLocation();
        return at == null || at.getLineNr() < 1 ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
}
