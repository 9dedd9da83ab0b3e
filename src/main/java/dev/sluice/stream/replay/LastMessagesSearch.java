package dev.sluice.stream.replay;

/**
 * Searches for the sequence from which a stream has a wanted number of messages of some subjects. It only needs the
 * number of messages from a given sequence on. It goes back in growing steps until there are enough messages, then uses
 * binary search. Immutable.
 */
final class LastMessagesSearch {
    private static final int GROWTH = 4;

    private final long first;
    private final long wanted;
    private final long enoughFrom;
    private final long tooFewFrom;
    private final long sequence;
    private final boolean found;

    LastMessagesSearch(long first, long last, long wanted) {
        this(first, wanted, 0, last + 1, Math.max(first, last + 1 - wanted), wanted == 0 || first > last);
    }

    private LastMessagesSearch(
            long first, long wanted, long enoughFrom, long tooFewFrom, long sequence, boolean found) {
        this.first = first;
        this.wanted = wanted;
        this.enoughFrom = enoughFrom;
        this.tooFewFrom = tooFewFrom;
        this.sequence = sequence;
        this.found = found;
    }

    /** Returns whether {@link #sequence} is the result. */
    boolean found() {
        return found;
    }

    /** Returns the sequence from which to count next, or the result. */
    long sequence() {
        return sequence;
    }

    /** Returns the next state of the search, given {@code count} messages from {@link #sequence} on. */
    LastMessagesSearch counted(long count) {
        if (count == wanted || (count < wanted && sequence == first)) {
            return result(sequence);
        }
        return count > wanted ? between(sequence, tooFewFrom) : tooFew();
    }

    private LastMessagesSearch tooFew() {
        if (enoughFrom > 0) {
            return between(enoughFrom, sequence);
        }
        long step = (tooFewFrom - sequence) * GROWTH + 1;
        return new LastMessagesSearch(first, wanted, enoughFrom, sequence, Math.max(first, sequence - step), false);
    }

    private LastMessagesSearch between(long enough, long tooFew) {
        return tooFew - enough <= 1
                ? result(enough)
                : new LastMessagesSearch(first, wanted, enough, tooFew, enough + (tooFew - enough) / 2, false);
    }

    private LastMessagesSearch result(long resultSequence) {
        return new LastMessagesSearch(first, wanted, enoughFrom, tooFewFrom, resultSequence, true);
    }
}
