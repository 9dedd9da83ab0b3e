package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeadPeerDetectorTest {
    private static final int TIMEOUT = 10 * DeadPeerDetector.CHECKS;

    private final DeadPeerDetector detector = new DeadPeerDetector();

    @Test
    void aSilentPeerIsGoneAfterThreePings() {
        assertThat(checksUntilGone(quiet(7))).isEqualTo(1 + DeadPeerDetector.CHECKS);
    }

    @Test
    void aPeerThatNeverSentAnythingIsGoneSooner() {
        assertThat(checksUntilGone(quiet(0))).isEqualTo(1 + DeadPeerDetector.CHECKS_FOR_FIRST_DATA);
    }

    @Test
    void aTlsHandshakeHasTheLongerTimeout() {
        assertThat(checksUntilGone(new Traffic(0, false, 0, false, true, 0, 0))).isEqualTo(1 + DeadPeerDetector.CHECKS);
    }

    @Test
    void aReadResetsTheCount() {
        IntStream.range(0, DeadPeerDetector.CHECKS).forEach(i -> detector.gone(quiet(7)));

        assertThat(detector.gone(quiet(8))).isFalse();
        assertThat(checksUntilGone(quiet(8))).isEqualTo(DeadPeerDetector.CHECKS);
    }

    @Test
    void dataThatWaitsForTheReaderKeepsThePeerAlive() {
        Traffic late = new Traffic(7, true, 3, false, false, 0, 0);

        assertThat(IntStream.range(0, 100).mapToObj(i -> detector.gone(late))).containsOnly(false);
    }

    @Test
    void aPeerThatSendsButReadsNothingIsGone() {
        boolean[] gone = new boolean[DeadPeerDetector.CHECKS + 1];
        for (int i = 0; i < gone.length; i++) {
            gone[i] = detector.gone(new Traffic(i, false, 3, true, false, 0, 0));
        }

        assertThat(gone[gone.length - 1]).isTrue();
        assertThat(gone[gone.length - 2]).isFalse();
    }

    @Test
    void aSlowWriteIsNotABlockedWrite() {
        assertThat(IntStream.range(0, 100).mapToObj(i -> detector.gone(new Traffic(i, false, i, true, false, 0, 0))))
                .containsOnly(false);
    }

    @Test
    void aPeerThatSendsButAnswersNoPingIsGone() {
        assertThat(checksUntil(i -> talking(i, 1, 0))).isEqualTo(1 + DeadPeerDetector.CHECKS);
    }

    @Test
    void aPongResetsTheCount() {
        assertThat(checksUntil(i -> i < 6 ? talking(i, 1, 0) : talking(i, 2, 1)))
                .isEqualTo(TIMEOUT);
    }

    @Test
    void aPongBehindUnsentDataIsNotOverdue() {
        long written = 8L * DeadPeerDetector.DRAINED_PER_CHECK - 100;

        assertThat(checksUntil(i -> new Traffic(i, false, i == 0 ? 0 : written, false, false, Math.min(i, 1), 0)))
                .isEqualTo(1 + 7 + DeadPeerDetector.CHECKS);
    }

    /** Returns the number of checks after which the peer counts as gone, at most {@link #TIMEOUT}. */
    private int checksUntil(LongFunction<Traffic> traffic) {
        int checks = 0;
        while (checks < TIMEOUT && !detector.gone(traffic.apply(checks))) {
            checks++;
        }
        return Math.min(checks + 1, TIMEOUT);
    }

    private static Traffic talking(long check, long pings, long pongs) {
        return new Traffic(check, false, 3, false, false, Math.min(check, pings), pongs);
    }

    private static Traffic quiet(long reads) {
        return new Traffic(reads, false, 3, false, false, 0, 0);
    }

    private int checksUntilGone(Traffic always) {
        return checksUntil(check -> always);
    }
}
