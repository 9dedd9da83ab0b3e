package dev.sluice.nats;

import dev.sluice.failure.Failure;
import java.util.regex.Pattern;

/**
 * How a service presents itself to {@code nats micro} and other monitors (ADR-32).
 *
 * @param name letters, digits, dash and underscore
 * @param version as of semantic versioning
 */
public record ServiceDescription(String name, String version, String description) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]+");

    public ServiceDescription {
        if (!NAME.matcher(name).matches()) {
            throw Failure.INVALID.because("The name of a service has letters, digits, - and _ only");
        }
    }
}
