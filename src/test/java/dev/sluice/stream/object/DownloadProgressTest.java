package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.stream.StartPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DownloadProgressTest {
    private static final Duration STALL = Duration.ofMinutes(1);
    private static final ObjectInfo OBJECT = new ObjectInfo(
            "film", "", Map.of(), Map.of(), "id", 30, 3, 10, null, null, false, Instant.EPOCH, 9, "$O", Map.of());

    private final DownloadProgress progress = new DownloadProgress(OBJECT, 1, 7, STALL);

    @Test
    void startsAtTheSequenceOfTheFirstChunk() {
        assertThat(progress.start()).isEqualTo(new StartPosition.Sequence(7));
    }

    @Test
    void startsAtTheBeginningIfTheSequenceIsUnknown() {
        assertThat(new DownloadProgress(OBJECT, 0, 0, STALL).start()).isEqualTo(StartPosition.Edge.ALL);
    }

    @Test
    void needsAllChunksThatAreLeft() {
        assertThatCode(() -> require(2)).doesNotThrowAnyException();
        assertThatThrownBy(() -> require(1))
                .isInstanceOf(DownloadProgress.MissingChunks.class)
                .hasMessage("it has 3 chunks, and 2 of them are there");
    }

    @Test
    void triesFourMoreConsumersWhileChunksAreMissing() {
        DownloadProgress.MissingChunks missing = new DownloadProgress.MissingChunks("");
        for (int i = 0; i < 4; i++) {
            assertThat(continuesAfter(missing)).isTrue();
        }

        assertThat(continuesAfter(missing)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"UNAVAILABLE", "NO_CONSUMER"})
    void continuesWithinTheStallIfNatsIsUnavailable(Failure failure) {
        assertThat(continuesAfter(failure.because(""))).isTrue();
    }

    @Test
    void endsAfterTheStall() {
        DownloadProgress hasty = new DownloadProgress(OBJECT, 0, 0, Duration.ZERO);
        hasty.failed(Failure.UNAVAILABLE.because(""));

        assertThat(hasty.canContinue(Failure.UNAVAILABLE.because(""))).isFalse();
    }

    @Test
    void endsAtAnyOtherFailure() {
        assertThat(continuesAfter(Failure.NO_STREAM.because(""))).isFalse();
    }

    private void require(long pending) {
        progress.require(pending).await().indefinitely();
    }

    private boolean continuesAfter(Throwable failure) {
        progress.failed(failure);
        return progress.canContinue(failure);
    }
}
