package dev.sluice.http.problem;

import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.sluice.failure.Violation;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The broken rules of a request, with the field names that the client uses. */
final class Violations {
    private Violations() {}

    /** Returns the violations in sorted order, so that equal mistakes give equal responses. */
    static List<Violation> of(ConstraintViolationException failure) {
        return failure.getConstraintViolations().stream()
                .map(Violations::of)
                .sorted(Comparator.comparing(Violation::field).thenComparing(Violation::rule))
                .toList();
    }

    /** Returns the violation for a JSON value of the wrong type. */
    static List<Violation> of(JsonMappingException failure) {
        String field = failure.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .map(name -> name == null ? "[]" : name)
                .collect(Collectors.joining("."));
        Class<?> target = failure instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        boolean number = target != null && (Number.class.isAssignableFrom(target) || target.isPrimitive());
        String rule = number ? "must be a whole number" : "must be a value of the right type";
        if (failure instanceof UnrecognizedPropertyException) {
            rule = "is unknown";
        } else if (failure.getCause() instanceof InputCoercionException) {
            rule = "must be a whole number within range";
        } else if (failure instanceof InvalidNullException) {
            rule = "must not be null";
        } else if (target == Duration.class) {
            rule = "must be a duration such as 30s or 500ms, shorter than 292 years";
        }
        return List.of(new Violation(field.isEmpty() ? "body" : field, rule));
    }

    private static Violation of(ConstraintViolation<?> violation) {
        List<String> names = new ArrayList<>();
        String parameter = "";
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.PARAMETER) {
                parameter = sent(node.getName());
            } else if (node.getKind() == ElementKind.PROPERTY) {
                names.add(sent(node.getName()));
            }
        }
        if (names.isEmpty()) {
            return new Violation(
                    parameter, violation.getInvalidValue() == null ? "is required" : violation.getMessage());
        }
        return new Violation(String.join(".", names), violation.getMessage());
    }

    private static String sent(String name) {
        return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(name);
    }
}
