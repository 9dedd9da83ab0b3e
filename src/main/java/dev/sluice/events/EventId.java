package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of an event that can be resumed: the epoch of its stream and the sequence in it. The id is short and consists
 * of letters, digits and a hyphen only, so that a browser sends it to other origins without a preflight request.
 *
 * <p>A stream can lose its messages and start again at 1 with its definition unchanged. So the epoch is followed by a
 * {@code T} and the time at which the message was stored, which differs for a later message with the same sequence.
 *
 * @param epoch as in {@link dev.sluice.stream.replay.StreamState}
 * @param time time at which the message was stored, in milliseconds since 1970; 0 if unknown
 */
public record EventId(String epoch, long sequence, long time) {
    private static final Pattern FORM =
            Pattern.compile("([0-9A-Za-z&&[^T]]{1,32})(?:T([0-9a-z]{1,11}))?-([0-9]{1,18})");
    private static final int RADIX = 36;

    static EventId of(Selection selection, StreamMessage recorded) {
        return new EventId(
                selection.epoch(), recorded.sequence(), recorded.time().toEpochMilli());
    }

    /** Returns the id of {@code sequence}, up to which a client has everything. */
    static EventId reached(ReplayPosition start, long sequence) {
        return new EventId(start.selection().epoch(), sequence, sequence == start.end() ? start.endTime() : 0);
    }

    /**
     * Parses an id that a client sends back.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}; the detail names {@code where} the id came from
     */
    public static EventId parse(String text, String where) {
        Matcher id = FORM.matcher(text);
        if (!id.matches()) {
            throw Failure.INVALID.because(where + " must be the id of an event, <epoch>-<sequence>");
        }
        long time = id.group(2) == null ? 0 : Long.parseLong(id.group(2), RADIX);
        return new EventId(id.group(1), Long.parseLong(id.group(3)), time);
    }

    /** Returns the start position after this event. */
    public ReplayStart.After after() {
        return new ReplayStart.After(epoch, sequence, time);
    }

    @Override
    public String toString() {
        return time <= 0 ? epoch + "-" + sequence : epoch + "T" + Long.toString(time, RADIX) + "-" + sequence;
    }
}
