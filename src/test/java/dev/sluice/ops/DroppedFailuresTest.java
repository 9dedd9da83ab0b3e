package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.support.LogRecords;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DroppedFailuresTest {
    private final LogRecords log = LogRecords.of(DroppedFailures.class.getName());

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aRefusalThatNobodyWaitsForIsNotAnError() {
        DroppedFailures.dropped(Failure.NO_MESSAGE.because("no message found"));

        assertThat(log.messages()).containsExactly("DEBUG Nobody waits for this failure any more");
    }

    /** Whether the reading is cancelled before or after the disconnect is a race. */
    @ParameterizedTest
    @MethodSource("disconnects")
    void theDisconnectOfAClientIsNotAnError(Throwable disconnect) {
        DroppedFailures.dropped(disconnect);

        assertThat(log.messages()).containsExactly("DEBUG Nobody waits for this failure any more");
    }

    private static Stream<Throwable> disconnects() {
        return Stream.of(
                new StreamResetException(8),
                new HttpClosedException("Connection was closed"),
                new ClosedChannelException(),
                new SocketException("Connection reset"));
    }

    @Test
    void anotherFailureOfInputOrOutputIsAnError() {
        DroppedFailures.dropped(new IOException("made up"));

        assertThat(log.messages()).containsExactly("ERROR No subscriber received this failure");
    }

    @Test
    void anyOtherFailureIsAnError() {
        DroppedFailures.dropped(new IllegalStateException("made up"));

        assertThat(log.messages()).containsExactly("ERROR No subscriber received this failure");
    }
}
