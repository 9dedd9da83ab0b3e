package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.StartPosition;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
    private final SequenceCheck sequenceCheck = new SequenceCheck();

    @Test
    void streamSequencesMayHaveGapsConsumerSequencesMayNot() {
        assertThat(sequenceCheck.follows(message(5, 1))).isTrue();
        assertThat(sequenceCheck.follows(message(9, 2))).isTrue();
        assertThat(sequenceCheck.follows(message(12, 4))).isFalse();
    }

    @Test
    void resumesAfterTheLastMessageInOrder() {
        sequenceCheck.follows(message(5, 1));
        sequenceCheck.follows(message(12, 4));

        assertThat(sequenceCheck.resume(StartPosition.Edge.ALL)).isEqualTo(new StartPosition.Sequence(6));
    }

    @Test
    void startsAsDeclaredIfNothingArrived() {
        assertThat(sequenceCheck.resume(StartPosition.Edge.NEW)).isEqualTo(StartPosition.Edge.NEW);
    }

    @Test
    void aNewConsumerCountsFromOne() {
        sequenceCheck.follows(message(5, 1));
        sequenceCheck.restart();

        assertThat(sequenceCheck.follows(message(6, 1))).isTrue();
    }

    @Test
    void deliversNothingTwice() {
        sequenceCheck.follows(message(5, 1));
        sequenceCheck.restart();

        assertThat(sequenceCheck.follows(message(5, 1))).isFalse();
    }

    private static AckSubject message(long streamSequence, long consumerSequence) {
        return AckSubject.parse("$JS.ACK.S.C.1." + streamSequence + "." + consumerSequence + ".4.0");
    }
}
