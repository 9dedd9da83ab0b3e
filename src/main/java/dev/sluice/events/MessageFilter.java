package dev.sluice.events;

import com.google.re2j.Pattern;
import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Conditions on the messages that a client receives, in addition to its subjects. All conditions must hold. In a
 * payload that is not UTF-8, malformed characters are replaced before evaluation.
 *
 * @param contains texts that must all be in the payload
 * @param matches expressions that must all match some part of the payload; RE2, which takes linear time for any
 *     expression
 * @param excludes expressions of which none may match
 * @param headers headers that must all be present
 * @param others further conditions; equal ones are evaluated once
 */
public record MessageFilter(
        List<String> contains,
        List<Pattern> matches,
        List<Pattern> excludes,
        List<HeaderValue> headers,
        List<Predicate<InboundMessage>> others) {
    public static final MessageFilter NONE = new MessageFilter(List.of(), List.of(), List.of(), List.of());

    public MessageFilter(
            List<String> contains, List<Pattern> matches, List<Pattern> excludes, List<HeaderValue> headers) {
        this(contains, matches, excludes, headers, List.of());
    }

    /** Returns a filter with only {@code condition}. */
    public static MessageFilter of(Predicate<InboundMessage> condition) {
        return new MessageFilter(List.of(), List.of(), List.of(), List.of(), List.of(condition));
    }

    /** A header of which one value must equal {@code value}; the name is case-insensitive, as in HTTP. */
    public record HeaderValue(String name, String value) {

        private boolean isIn(InboundMessage message) {
            return message.headers().entrySet().stream()
                    .anyMatch(header -> header.getKey().equalsIgnoreCase(name)
                            && header.getValue().contains(value));
        }
    }

    /** Returns the number of conditions. */
    public int size() {
        return contains.size() + matches.size() + excludes.size() + headers.size() + others.size();
    }

    boolean shows(FeedMessage message) {
        return messageHolds(message.message()) && textHolds(message::text);
    }

    boolean shows(InboundMessage message) {
        return messageHolds(message) && textHolds(() -> new String(message.data(), StandardCharsets.UTF_8));
    }

    private boolean messageHolds(InboundMessage message) {
        return headers.stream().allMatch(wanted -> wanted.isIn(message))
                && others.stream().allMatch(condition -> condition.test(message));
    }

    private boolean textHolds(Supplier<String> payload) {
        if (contains.isEmpty() && matches.isEmpty() && excludes.isEmpty()) {
            return true;
        }
        String text = payload.get();
        return contains.stream().allMatch(text::contains)
                && matches.stream().allMatch(pattern -> pattern.matcher(text).find())
                && excludes.stream().noneMatch(pattern -> pattern.matcher(text).find());
    }
}
