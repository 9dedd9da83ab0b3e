package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.Start;
import dev.sluice.stream.replay.StreamMessage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of an event that can be resumed: the life of its stream and the sequence in it. Letters, digits and a hyphen
 * only, and short, so that a browser sends it to other origins without asking them first.
 *
 * <p>A stream can lose its messages and begin again at 1 with its definition unchanged. So the epoch also says when the
 * message was stored, behind a {@code T}, by which a later message under the same sequence is told from it.
 *
 * @param epoch as in {@link dev.sluice.stream.replay.StreamState}
 * @param time when the message was stored, in milliseconds since 1970; 0 if it is not known
 */
public record EventId(String epoch, long sequence, long time) {
    private static final Pattern FORM =
            Pattern.compile("([0-9A-Za-z&&[^T]]{1,32})(?:T([0-9a-z]{1,11}))?-([0-9]{1,18})");
    private static final int RADIX = 36;

    static EventId of(Selection selection, StreamMessage recorded) {
        return new EventId(
                selection.epoch(), recorded.sequence(), recorded.time().toEpochMilli());
    }

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
        long time = id.group(2) == null ? 0 : Long.parseLong(id.group(2), RADIX);
        return new EventId(id.group(1), Long.parseLong(id.group(3)), time);
    }

    /** To go on behind this event. */
    public Start.After after() {
        return new Start.After(epoch, sequence, time);
    }

    @Override
    public String toString() {
        return time <= 0 ? epoch + "-" + sequence : epoch + "T" + Long.toString(time, RADIX) + "-" + sequence;
    }
}
