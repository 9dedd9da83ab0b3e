package dev.sluice.events;

import com.google.re2j.Pattern;
import dev.sluice.nats.InboundMessage;
import java.util.List;

/**
 * Which messages a client wants to see, of those on its subjects. All conditions have to hold; a payload that is not
 * UTF-8 is looked at with its broken characters replaced.
 *
 * @param contains texts that are all in the payload
 * @param matches expressions that all match some part of it; RE2, which takes linear time whatever the expression is
 * @param excludes expressions none of which matches
 * @param headers fields that are all there
 */
public record MessageFilter(
        List<String> contains, List<Pattern> matches, List<Pattern> excludes, List<HeaderValue> headers) {
    public static final MessageFilter NONE = new MessageFilter(List.of(), List.of(), List.of(), List.of());

    /** A header that one of the values of that name has to equal; the case of the name does not matter, as in HTTP. */
    public record HeaderValue(String name, String value) {

        private boolean isIn(InboundMessage message) {
            return message.headers().entrySet().stream()
                    .anyMatch(header -> header.getKey().equalsIgnoreCase(name)
                            && header.getValue().contains(value));
        }
    }

    /** How many conditions there are. */
    public int size() {
        return contains.size() + matches.size() + excludes.size() + headers.size();
    }

    boolean shows(FeedMessage message) {
        return headersHold(message.message()) && textHolds(message);
    }

    private boolean headersHold(InboundMessage message) {
        return headers.stream().allMatch(wanted -> wanted.isIn(message));
    }

    private boolean textHolds(FeedMessage message) {
        if (contains.isEmpty() && matches.isEmpty() && excludes.isEmpty()) {
            return true;
        }
        String text = message.text();
        return contains.stream().allMatch(text::contains)
                && matches.stream().allMatch(pattern -> pattern.matcher(text).find())
                && excludes.stream().noneMatch(pattern -> pattern.matcher(text).find());
    }
}
