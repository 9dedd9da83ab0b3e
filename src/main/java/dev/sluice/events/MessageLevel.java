package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The level of a message of a log, from the least to the most severe. Applications name it in the last token of the
 * subject, as in {@code logs.web.error}, or else in a field of JSON, or else near the beginning of a line of text. The
 * console colors messages by the same rule.
 *
 * <p>Bounds: a field is searched for in the first {@value #FIELD_WITHIN} characters of a payload, and a word in the first
 * {@value #WORD_WITHIN}.
 */
public enum MessageLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR;

    private static final Map<String, MessageLevel> NAMES = Map.ofEntries(
            Map.entry("trace", DEBUG),
            Map.entry("trc", DEBUG),
            Map.entry("debug", DEBUG),
            Map.entry("dbg", DEBUG),
            Map.entry("info", INFO),
            Map.entry("inf", INFO),
            Map.entry("notice", INFO),
            Map.entry("warn", WARN),
            Map.entry("wrn", WARN),
            Map.entry("warning", WARN),
            Map.entry("error", ERROR),
            Map.entry("err", ERROR),
            Map.entry("fatal", ERROR),
            Map.entry("ftl", ERROR),
            Map.entry("critical", ERROR),
            Map.entry("severe", ERROR));
    /** The levels of pino and bunyan: 10, 20 and so on. */
    private static final List<MessageLevel> NUMBERS = List.of(DEBUG, DEBUG, INFO, WARN, ERROR, ERROR);

    private static final String NAME = String.join("|", NAMES.keySet());
    // The lookahead at the beginning of an expression rules out most characters quickly.
    private static final Pattern FIELD = Pattern.compile(
            "\"(?=[ls])(?:level|lvl|severity|severityText|log\\.level)\"[ \t]{0,8}:[ \t]{0,8}(?:\"(%s)\"|([1-6])0(?![0-9.]))"
                    .formatted(NAME),
            Pattern.CASE_INSENSITIVE);
    /** A name in capitals, or one after {@code level=} or a bracket. A terminal's color may precede it. */
    private static final Pattern WORD = Pattern.compile(
            "(?=[A-Zls\\[])(?:(?<!\\w)|(?<=\\x1B\\[[0-9;]{0,8}m))(?:(?:(?:level|lvl|severity)=\"?|\\[)(%s)|(%s))(?!\\w)"
                    .formatted(NAME, NAME.toUpperCase(Locale.ROOT)));

    private static final int FIELD_WITHIN = 2_000;
    private static final int WORD_WITHIN = 200;
    /** Bytes that hold {@value #FIELD_WITHIN} characters in any case. */
    private static final int READ = 3 * FIELD_WITHIN;

    /** Returns the level with this name, as {@link #toString()} returns it. */
    public static Optional<MessageLevel> named(String name) {
        return Arrays.stream(values())
                .filter(level -> level.toString().equals(name))
                .findAny();
    }

    /** Returns the level of a message; empty if it has none. */
    static Optional<MessageLevel> of(InboundMessage message) {
        String subject = message.subject();
        MessageLevel named = known(subject.substring(subject.lastIndexOf('.') + 1));
        return Optional.ofNullable(named != null ? named : ofText(message.data()));
    }

    private static @Nullable MessageLevel ofText(byte[] data) {
        String text = new String(data, 0, Math.min(data.length, READ), StandardCharsets.UTF_8);
        Matcher field = FIELD.matcher(text).region(0, Math.min(text.length(), FIELD_WITHIN));
        if (text.indexOf('"') >= 0 && field.find()) {
            return field.group(1) != null
                    ? known(field.group(1))
                    : NUMBERS.get(field.group(2).charAt(0) - '1');
        }
        Matcher word = WORD.matcher(text).region(0, Math.min(text.length(), WORD_WITHIN));
        return word.find() ? known(word.group(1) != null ? word.group(1) : word.group(2)) : null;
    }

    private static @Nullable MessageLevel known(String name) {
        return NAMES.get(name.toLowerCase(Locale.ROOT));
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
