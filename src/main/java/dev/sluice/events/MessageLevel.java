package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The level of a message of a log, from the least to the most severe. Applications name it in the last token of the
 * subject, as in {@code logs.web.error}, or else in the field {@code level} or {@code severity} of JSON. The console colors
 * messages by the same rule.
 */
public enum MessageLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR;

    private static final Map<String, MessageLevel> NAMES = Map.ofEntries(
            Map.entry("trace", DEBUG),
            Map.entry("debug", DEBUG),
            Map.entry("info", INFO),
            Map.entry("notice", INFO),
            Map.entry("warn", WARN),
            Map.entry("warning", WARN),
            Map.entry("error", ERROR),
            Map.entry("err", ERROR),
            Map.entry("fatal", ERROR),
            Map.entry("critical", ERROR),
            Map.entry("severe", ERROR));

    private static final Pattern FIELD =
            Pattern.compile("\"(?:level|severity)\"\\s{0,8}:\\s{0,8}\"([a-z]{3,8})\"", Pattern.CASE_INSENSITIVE);
    /** Bytes of a payload that are searched for the field. */
    private static final int FIELD_WITHIN = 2_000;

    /** Returns the level with this name, as {@link #toString()} returns it. */
    public static Optional<MessageLevel> named(String name) {
        return Arrays.stream(values())
                .filter(level -> level.toString().equals(name))
                .findAny();
    }

    /** Returns the level of a message; empty if it has none. */
    static Optional<MessageLevel> of(InboundMessage message) {
        String subject = message.subject();
        return known(subject.substring(subject.lastIndexOf('.') + 1)).or(() -> ofField(message.data()));
    }

    private static Optional<MessageLevel> ofField(byte[] data) {
        String text = new String(data, 0, Math.min(data.length, FIELD_WITHIN), StandardCharsets.UTF_8);
        Matcher field = FIELD.matcher(text);
        return field.find() ? known(field.group(1)) : Optional.empty();
    }

    private static Optional<MessageLevel> known(String name) {
        return Optional.ofNullable(NAMES.get(name.toLowerCase(Locale.ROOT)));
    }

    /** Returns the condition that a message has this level or a more severe one. */
    public Predicate<InboundMessage> orMoreSevere() {
        return new AtLeast(this);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private record AtLeast(MessageLevel least) implements Predicate<InboundMessage> {
        @Override
        public boolean test(InboundMessage message) {
            return of(message).filter(level -> level.compareTo(least) >= 0).isPresent();
        }
    }
}
