package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.stream.replay.Start;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of an event that can be resumed: the life of its stream and the sequence in it. Letters, digits and a hyphen
 * only, and short, so that a browser sends it to other origins without asking them first.
 */
public record EventId(String epoch, long sequence) {
    private static final Pattern FORM = Pattern.compile("([0-9A-Za-z]{1,32})-([0-9]{1,18})");

    /**
     * Reads an id that a client sends back.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming {@code where} it came from
     */
    public static EventId parse(String text, String where) {
        Matcher id = FORM.matcher(text);
        if (!id.matches()) {
            throw Failure.INVALID.because(where + " is the id of an event, <epoch>-<sequence>");
        }
        return new EventId(id.group(1), Long.parseLong(id.group(2)));
    }

    /** To go on behind this event. */
    public Start.After after() {
        return new Start.After(epoch, sequence);
    }

    @Override
    public String toString() {
        return epoch + "-" + sequence;
    }
}
