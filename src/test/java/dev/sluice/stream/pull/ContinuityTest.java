package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContinuityTest {
    private final Continuity continuity = new Continuity();

    @Test
    void streamSequencesMayHaveGapsConsumerSequencesMayNot() {
        assertThat(continuity.follows(message(5, 1))).isTrue();
        assertThat(continuity.follows(message(9, 2))).isTrue();
        assertThat(continuity.follows(message(12, 4))).isFalse();
    }

    @Test
    void resumesBehindTheLastMessageInOrder() {
        continuity.follows(message(5, 1));
        continuity.follows(message(12, 4));

        assertThat(continuity.resume(StartAt.Edge.ALL)).isEqualTo(new StartAt.Sequence(6));
    }

    @Test
    void startsAsDeclaredIfNothingCame() {
        assertThat(continuity.resume(StartAt.Edge.NEW)).isEqualTo(StartAt.Edge.NEW);
    }

    @Test
    void aNewConsumerCountsFromOne() {
        continuity.follows(message(5, 1));
        continuity.restart();

        assertThat(continuity.follows(message(6, 1))).isTrue();
    }

    @Test
    void nothingComesTwice() {
        continuity.follows(message(5, 1));
        continuity.restart();

        assertThat(continuity.follows(message(5, 1))).isFalse();
    }

    private static AckSubject message(long streamSequence, long consumerSequence) {
        return AckSubject.parse("$JS.ACK.S.C.1." + streamSequence + "." + consumerSequence + ".4.0");
    }
}
