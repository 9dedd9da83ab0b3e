package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Limit;
import org.junit.jupiter.api.Test;

/** Windows of at least four chunks, and memory for two chunks of ten bytes more. */
class DownloadWindowTest {
    private final Limit ahead = new Limit("sluice.object.read-ahead", 20);
    private final DownloadWindow window = new DownloadWindow(4, ahead);

    @Test
    void hasItsLeastSizeWithoutAnyOfTheMemory() {
        assertThat(window.size()).isEqualTo(4);
        assertThat(ahead.taken()).isZero();
    }

    @Test
    void growsWhileThereIsMemory() {
        window.grow(10);
        window.grow(10);
        window.grow(10);

        assertThat(window.size()).isEqualTo(6);
        assertThat(ahead.taken()).isEqualTo(20);
        assertThat(ahead.refused()).isEqualTo(1);
    }

    @Test
    void growsToALimit() {
        DownloadWindow large = new DownloadWindow(4, new Limit("sluice.object.read-ahead", 1_000));

        for (int i = 0; i < 50; i++) {
            large.grow(10);
        }

        assertThat(large.size()).isEqualTo(4 + DownloadWindow.MAX_MORE);
    }

    @Test
    void givesBackWhatAChunkTook() {
        window.grow(10);
        window.grow(3);

        window.shrink();

        assertThat(window.size()).isEqualTo(5);
        assertThat(ahead.taken()).isEqualTo(10);
    }

    @Test
    void doesNotShrinkBelowItsLeastSize() {
        window.shrink();

        assertThat(window.size()).isEqualTo(4);
    }

    @Test
    void givesBackAllAtItsEndAndTakesNothingMore() {
        window.grow(10);
        window.grow(10);

        window.close();
        window.grow(10);

        assertThat(ahead.taken()).isZero();
    }
}
