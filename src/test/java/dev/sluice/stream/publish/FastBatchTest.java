package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.publish.FastBatch.Step;
import org.junit.jupiter.api.Test;

/** Tests how much a batch may send, how many messages it reports as stored, and its timeouts. */
class FastBatchTest {
    private static final long TIMEOUT = 1000;
    private static final long LINGER = 100;

    private final FastBatch batch = new FastBatch(40, 8);

    @Test
    void sendsOnlyTheFirstMessageUntilItIsAnswered() {
        batch.sent(0);

        assertThat(batch.maySend()).isFalse();
        batch.progressed(new BatchReply.Progress(0, 8), 0);
        assertThat(batch.maySend()).isTrue();
    }

    @Test
    void sendsNoMoreThanTwoAcknowledgementsCover() {
        open(8);

        assertThat(sendAll()).isEqualTo(16);
        batch.progressed(new BatchReply.Progress(8, 8), 0);
        assertThat(sendAll()).isEqualTo(24);
    }

    @Test
    void slowsDownIfTheServerRequestsIt() {
        open(8);
        sendAll();

        batch.progressed(new BatchReply.Progress(16, 1), 0);

        assertThat(sendAll()).isEqualTo(18);
    }

    @Test
    void isNeverFasterThanItsWindow() {
        open(500);

        assertThat(sendAll()).isEqualTo(16);
    }

    @Test
    void anAcknowledgementIncludesEarlierOnesAndALateOneIsIgnored() {
        open(8);
        sendAll();

        batch.progressed(new BatchReply.Progress(12, 8), 0);
        batch.progressed(new BatchReply.Progress(8, 8), 0);

        assertThat(batch.stored()).isEqualTo(52);
    }

    @Test
    void endsWithTheLastMessageWhichReturnsItsSequence() {
        open(8);
        sendAll();

        batch.progressed(new BatchReply.Progress(16, 8), 0);

        assertThat(batch.stored()).isEqualTo(55);
    }

    @Test
    void ignoresAnAcknowledgementOfUnsentMessages() {
        open(8);

        assertThat(batch.progressed(new BatchReply.Progress(2, 8), 0)).isFalse();
        assertThat(batch.progressed(new BatchReply.Progress(-1, 8), 0)).isFalse();
    }

    @Test
    void commitsAfterTheLingerIfNoAcknowledgementIsDue() {
        open(8);

        assertThat(batch.due(LINGER - 1, TIMEOUT, LINGER)).isEqualTo(Step.NOTHING);
        assertThat(batch.due(LINGER, TIMEOUT, LINGER)).isEqualTo(Step.COMMIT);
    }

    @Test
    void waitsLongerForADueAcknowledgement() {
        open(8);
        sendAll();

        assertThat(batch.due(TIMEOUT - 1, TIMEOUT, LINGER)).isEqualTo(Step.NOTHING);
        assertThat(batch.due(TIMEOUT, TIMEOUT, LINGER)).isEqualTo(Step.COMMIT);
    }

    @Test
    void givesUpWithoutAnAnswerToItsStart() {
        batch.sent(0);

        assertThat(batch.due(TIMEOUT - 1, TIMEOUT, LINGER)).isEqualTo(Step.NOTHING);
        assertThat(batch.due(TIMEOUT, TIMEOUT, LINGER)).isEqualTo(Step.GIVE_UP);
    }

    @Test
    void givesUpWithoutAnAnswerToItsEnd() {
        open(8);
        batch.ending(500);

        assertThat(batch.maySend()).isFalse();
        assertThat(batch.due(500 + TIMEOUT - 1, TIMEOUT, LINGER)).isEqualTo(Step.NOTHING);
        assertThat(batch.due(500 + TIMEOUT, TIMEOUT, LINGER)).isEqualTo(Step.GIVE_UP);
    }

    private void open(int every) {
        batch.sent(0);
        batch.progressed(new BatchReply.Progress(0, every), 0);
    }

    private long sendAll() {
        while (batch.maySend()) {
            batch.sent(0);
        }
        return batch.sent();
    }
}
