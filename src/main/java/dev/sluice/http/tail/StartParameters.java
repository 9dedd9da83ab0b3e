package dev.sluice.http.tail;

import dev.sluice.events.EventId;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.DurationText;
import dev.sluice.http.NatsTime;
import dev.sluice.http.QueryParameters;
import dev.sluice.stream.replay.ReplayStart;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The start position of a tail or a page of messages. The header {@code Last-Event-ID} takes precedence over the parameter
 * {@code last_event_id}, which takes precedence over {@code from} and {@code tail}. A browser reconnects to the same
 * address, but sends the current last id in the header.
 */
public final class StartParameters {
    private static final String FROM = "new, all, last, last-per-subject, seq:N, time:RFC3339 or since:15m";
    private static final String STORED = "all, seq:N, time:RFC3339 or since:15m";
    private static final String OF_STORED = "all|(seq|time|since):.*";
    private static final String TIME = "The time in the parameter from";
    private static final String WHOLE_NUMBER = "[0-9]{1,18}";

    private StartParameters() {}

    static Optional<ReplayStart> read(MultiMap query, @Nullable String lastEventId) {
        Optional<ReplayStart> place = place(query);
        return resumed(query, lastEventId).or(() -> place);
    }

    /** Returns the position after the last event that the client has received; empty if it names none. */
    static Optional<ReplayStart> resumed(MultiMap query, @Nullable String lastEventId) {
        Optional<String> asked = QueryParameters.single(query, "last_event_id");
        if (lastEventId != null && !lastEventId.isEmpty()) {
            return Optional.of(
                    EventId.parse(lastEventId, "The header Last-Event-ID").after());
        }
        return asked.filter(id -> !id.isEmpty())
                .map(id -> QueryParameters.parse(
                        "last_event_id", id, text -> EventId.parse(text, "The parameter last_event_id")
                                .after()));
    }

    private static Optional<ReplayStart> place(MultiMap query) {
        Optional<String> from = QueryParameters.single(query, "from");
        Optional<String> tail = QueryParameters.single(query, "tail");
        if (from.isPresent() && tail.isPresent()) {
            throw Failure.INVALID
                    .because("Only one of the parameters from and tail may be given")
                    .in("from");
        }
        return from.map(text -> QueryParameters.parse("from", text, place -> from(place, FROM)))
                .or(() -> tail.map(StartParameters::tail));
    }

    /**
     * Parses the first stored message to read.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} for another text, also for a start of a tail that is
     *     relative to its end
     */
    public static ReplayStart stored(String text) {
        if (!text.matches(OF_STORED)) {
            throw wrong(STORED);
        }
        return from(text, STORED);
    }

    private static ReplayStart tail(String count) {
        if (!count.matches(WHOLE_NUMBER)) {
            throw QueryParameters.wrong("tail", "must be a number of messages");
        }
        return new ReplayStart.LastMessages(Long.parseLong(count));
    }

    /** @param allowed the forms that the client may use, for the error */
    private static ReplayStart from(String text, String allowed) {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1);
        return switch (colon < 0 ? text : text.substring(0, colon + 1)) {
            case "new" -> ReplayStart.Edge.NEW;
            case "all" -> ReplayStart.Edge.ALL;
            case "last" -> new ReplayStart.LastMessages(1);
            case "last-per-subject" -> ReplayStart.Edge.LAST_PER_SUBJECT;
            case "seq:" -> sequence(value, allowed);
            case "time:" -> new ReplayStart.Time(time(value, allowed));
            case "since:" -> new ReplayStart.Time(NatsTime.checked(since(value, allowed), TIME));
            default -> throw wrong(allowed);
        };
    }

    private static ReplayStart sequence(String value, String allowed) {
        if (!value.matches(WHOLE_NUMBER) || Long.parseLong(value) == 0) {
            throw wrong(allowed);
        }
        return new ReplayStart.Sequence(Long.parseLong(value));
    }

    private static Instant time(String value, String allowed) {
        try {
            return NatsTime.checked(OffsetDateTime.parse(value).toInstant(), TIME);
        } catch (DateTimeException e) {
            throw wrong(allowed);
        }
    }

    private static Instant since(String value, String allowed) {
        Duration duration = DurationText.parse(value);
        if (duration == null) {
            throw wrong(allowed);
        }
        try {
            return Instant.now().minus(duration);
        } catch (DateTimeException | ArithmeticException tooLong) {
            throw wrong(allowed);
        }
    }

    private static SluiceException wrong(String allowed) {
        return QueryParameters.wrong("from", "must be " + allowed);
    }
}
