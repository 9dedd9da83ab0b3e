package dev.sluice.http.message;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a publish that direct the server to do more than store the message: a rollup deletes the messages before
 * it, a schedule publishes other messages later (ADR-51). Each one requires the permission for what the server does.
 */
public final class PublishDirectives {
    private static final String TARGET = "Nats-Schedule-Target";
    private static final String TTL = "Nats-Schedule-TTL";
    private static final String SOURCE = "Nats-Schedule-Source";

    /** The headers, by their name in lower case. */
    static final Map<String, String> HEADERS = Stream.of(NatsHeaders.ROLLUP, NatsHeaders.SCHEDULE, TARGET, TTL, SOURCE)
            .collect(Collectors.toUnmodifiableMap(name -> name.toLowerCase(Locale.ROOT), Function.identity()));

    private PublishDirectives() {}

    /** Returns whether the message is a schedule. */
    public static boolean schedules(Map<String, List<String>> headers) {
        return headers.containsKey(NatsHeaders.SCHEDULE);
    }

    /**
     * Requires that the headers are complete and that {@code caller} may do what they cause.
     *
     * @param stored whether a stream must confirm the message
     * @throws dev.sluice.failure.SluiceException {@code INVALID} or {@code BAD_SUBJECT}; {@code FORBIDDEN} or
     *     {@code RESERVED_SUBJECT}
     */
    public static void require(Map<String, List<String>> headers, boolean stored, Caller caller) {
        for (String name : HEADERS.values()) {
            if (headers.containsKey(name) && !stored) {
                throw Failure.INVALID.because("The header " + name + " requires ack=stored");
            }
        }
        requireRollup(headers, caller);
        requireSchedule(headers, caller);
    }

    /** A rollup of all subjects needs the name of the stream, because it deletes what others have published. */
    private static void requireRollup(Map<String, List<String>> headers, Caller caller) {
        String rollup = value(headers, NatsHeaders.ROLLUP);
        if (rollup == null || rollup.equals("sub")) {
            return;
        }
        if (!rollup.equals("all")) {
            throw Failure.INVALID.because("The header " + NatsHeaders.ROLLUP + " must be sub or all");
        }
        String stream = value(headers, NatsHeaders.EXPECTED_STREAM);
        if (stream == null) {
            throw Failure.INVALID.because(
                    NatsHeaders.ROLLUP + ": all deletes the messages of all subjects and requires the header "
                            + NatsHeaders.EXPECTED_STREAM);
        }
        caller.requireStream(Verb.ADMINISTER, stream);
    }

    private static void requireSchedule(Map<String, List<String>> headers, Caller caller) {
        String target = value(headers, TARGET);
        String source = value(headers, SOURCE);
        if (!schedules(headers)) {
            if (target != null || source != null || headers.containsKey(TTL)) {
                throw Failure.INVALID.because(
                        "The headers " + NatsHeaders.SCHEDULE + "-* require the header " + NatsHeaders.SCHEDULE);
            }
            return;
        }
        if (target == null) {
            throw Failure.INVALID.because("The header " + NatsHeaders.SCHEDULE + " requires the header " + TARGET);
        }
        caller.require(Verb.PUBLISH, new Subject(target));
        if (source != null) {
            SubjectPattern sampled = new SubjectPattern(new Subject(source).value());
            caller.requireAll(Verb.SUBSCRIBE, SubjectSet.of(List.of(sampled)));
        }
    }

    private static @Nullable String value(Map<String, List<String>> headers, String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.get(0);
    }
}
