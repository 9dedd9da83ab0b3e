package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeadPeerDetectorTest {
    private final DeadPeerDetector detector = new DeadPeerDetector();

    @Test
    void aPeerThatSaysNothingIsGoneAfterSixPings() {
        assertThat(looksUntilGone(quiet(7))).isEqualTo(1 + DeadPeerDetector.LOOKS);
    }

    @Test
    void aPeerThatNeverSaidAWordIsGoneSooner() {
        assertThat(looksUntilGone(quiet(0))).isEqualTo(1 + DeadPeerDetector.LOOKS_FOR_FIRST_WORD);
    }

    @Test
    void aTlsHandshakeHasTheLongerTime() {
        assertThat(looksUntilGone(new Traffic(0, false, 0, false, true))).isEqualTo(1 + DeadPeerDetector.LOOKS);
    }

    @Test
    void oneReadBeginsTheCountAnew() {
        IntStream.range(0, DeadPeerDetector.LOOKS).forEach(i -> detector.gone(quiet(7)));

        assertThat(detector.gone(quiet(8))).isFalse();
        assertThat(looksUntilGone(quiet(8))).isEqualTo(DeadPeerDetector.LOOKS);
    }

    @Test
    void whatHasArrivedAndWaitsForOurReaderIsASignOfLife() {
        Traffic late = new Traffic(7, true, 3, false, false);

        assertThat(IntStream.range(0, 100).mapToObj(i -> detector.gone(late))).containsOnly(false);
    }

    @Test
    void aPeerThatTalksButTakesNothingIsGone() {
        boolean[] gone = new boolean[DeadPeerDetector.LOOKS + 1];
        for (int i = 0; i < gone.length; i++) {
            gone[i] = detector.gone(new Traffic(i, false, 3, true, false));
        }

        assertThat(gone[gone.length - 1]).isTrue();
        assertThat(gone[gone.length - 2]).isFalse();
    }

    @Test
    void aWriteThatGoesOnSlowlyIsNotStuck() {
        assertThat(IntStream.range(0, 100).mapToObj(i -> detector.gone(new Traffic(i, false, i, true, false))))
                .containsOnly(false);
    }

    private static Traffic quiet(long reads) {
        return new Traffic(reads, false, 3, false, false);
    }

    private int looksUntilGone(Traffic always) {
        int looks = 1;
        while (!detector.gone(always)) {
            looks++;
        }
        return looks;
    }
}
