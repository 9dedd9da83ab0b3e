package dev.sluice.http.stream;

import dev.sluice.failure.Failure;
import dev.sluice.http.NatsTime;
import dev.sluice.stream.StartPosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;

/**
 * The text form of a consumer's start position: {@code all}, {@code new}, {@code last}, {@code last_per_subject},
 * {@code seq:N}, or {@code time:} followed by an RFC 3339 time.
 */
final class StartPositionText {
    private static final String SEQUENCE = "seq:";
    private static final String TIME = "time:";

    private StartPositionText() {}

    static String of(StartPosition start) {
        if (start instanceof StartPosition.Sequence at) {
            return SEQUENCE + at.sequence();
        }
        if (start instanceof StartPosition.Time at) {
            return TIME + at.time();
        }
        return ((StartPosition.Edge) start).name().toLowerCase(Locale.ROOT);
    }

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the field */
    static StartPosition parse(String text) {
        if (text.matches(SEQUENCE + "[1-9][0-9]{0,17}")) {
            return new StartPosition.Sequence(Long.parseLong(text.substring(SEQUENCE.length())));
        }
        if (text.startsWith(TIME)) {
            return new StartPosition.Time(time(text.substring(TIME.length())));
        }
        return switch (text) {
            case "all" -> StartPosition.Edge.ALL;
            case "new" -> StartPosition.Edge.NEW;
            case "last" -> StartPosition.Edge.LAST;
            case "last_per_subject" -> StartPosition.Edge.LAST_PER_SUBJECT;
            default ->
                throw Failure.INVALID.because("deliver can be all, new, last, last_per_subject, seq:N or time:RFC3339");
        };
    }

    private static Instant time(String text) {
        try {
            return NatsTime.checked(Instant.parse(text), "The time in deliver");
        } catch (DateTimeException e) {
            throw Failure.INVALID.because("deliver needs a time such as 2026-01-31T12:00:00Z after time:", e);
        }
    }
}
