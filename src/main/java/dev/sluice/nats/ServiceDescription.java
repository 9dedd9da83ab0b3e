package dev.sluice.nats;

import dev.sluice.failure.Failure;
import java.util.regex.Pattern;

/**
 * The description of a NATS service, as shown by {@code nats micro} and other monitoring tools (ADR-32).
 *
 * @param name the service name: letters, digits, dash and underscore
 * @param version the semantic version
 */
public record ServiceDescription(String name, String version, String description) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]+");

    public ServiceDescription {
        if (!NAME.matcher(name).matches()) {
            throw Failure.INVALID.because("The name of a service must have only letters, digits, - and _");
        }
    }
}
