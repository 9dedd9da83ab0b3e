package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClientDisconnectTest {
    @ParameterizedTest
    @MethodSource("disconnects")
    void isTheCauseOfAFailedWrite(Throwable disconnect) {
        assertThat(ClientDisconnect.caused(disconnect)).isTrue();
        assertThat(ClientDisconnect.caused(new IOException("Failed to write", new IOException(disconnect))))
                .isTrue();
    }

    private static Stream<Throwable> disconnects() {
        return Stream.of(
                new StreamResetException(8),
                new HttpClosedException("Stream was closed"),
                new ClosedChannelException());
    }

    @Test
    void isNotTheCauseOfOtherFailures() {
        assertThat(ClientDisconnect.caused(new IOException("disk full", new IllegalStateException())))
                .isFalse();
        assertThat(ClientDisconnect.caused(null)).isFalse();
    }

    @Test
    void looksAtCausesThatFormACircle() {
        IOException one = new IOException("one");
        one.initCause(new IOException("other", one));

        assertThat(ClientDisconnect.caused(one)).isFalse();
    }
}
