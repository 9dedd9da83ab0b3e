package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Validity;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** The socket of one client: pending output, and cleanup after the socket breaks. */
class SseConnectionTest {
    private final ScriptedResponse socket = new ScriptedResponse();
    private final ScriptedLoop loop = new ScriptedLoop();
    private final SseConnection connection = connection(Validity.until(Instant.MAX), "10");
    private final AtomicInteger cleanups = new AtomicInteger();

    @Test
    void cleansUpOnceAtAnyEnd() {
        connection.onClosed(cleanups::incrementAndGet);

        socket.leave();
        socket.leave();

        assertThat(cleanups).hasValue(1);
        assertThat(connection.open()).isFalse();
    }

    @Test
    void cleansUpAtOnceForAClientThatHasLeftAlready() {
        socket.leave();

        connection.onClosed(cleanups::incrementAndGet);

        assertThat(cleanups).hasValue(1);
        assertThat(connection.open()).isFalse();
    }

    @Test
    void writesNothingToAClientThatHasLeftBeforeItIsServed() {
        socket.leave();
        SseConnection late = connection(Validity.until(Instant.MAX), "10");

        late.write(bytes("a"));
        late.onClosed(cleanups::incrementAndGet);

        assertThat(socket.written()).isEmpty();
        assertThat(cleanups).hasValue(1);
    }

    @Test
    void cleansUpAtOnceAfterAWriteThatFailedBefore() {
        connection.write(bytes("a"));
        socket.failWrites();

        connection.onClosed(cleanups::incrementAndGet);

        assertThat(cleanups).hasValue(1);
    }

    @Test
    void endsWithTheIdentityOfItsClient() {
        SseConnection expired = expired(Uni.createFrom().item(Instant.now().minusSeconds(1)));

        assertThat(expired.open()).isFalse();
        assertThat(socket.written()).last().asString().contains("forbidden");
    }

    @Test
    void continuesIfTheIdentityOfItsClientWasExtended() {
        assertThat(expired(Uni.createFrom().item(Instant.now().plusSeconds(60))).open())
                .isTrue();
    }

    @Test
    void continuesWhileItAsksWhetherTheIdentityWasExtended() {
        assertThat(expired(Uni.createFrom().nothing()).open()).isTrue();
    }

    @Test
    void letsItsClientReconnectIfTheIdentityCannotBeChecked() {
        expired(Uni.createFrom().failure(Failure.UNAVAILABLE.because("on purpose")));

        assertThat(socket.written()).last().asString().contains("lifetime");
    }

    @Test
    void endsAtOnceIfTheIdentityOfItsClientIsRevoked() {
        AtomicBoolean revoked = new AtomicBoolean();
        Validity valid = new Validity(Instant.MAX, () -> Uni.createFrom().item(Instant.MAX), revoked::get);
        SseConnection tail = connection(valid, "10");
        tick(tail);
        assertThat(tail.open()).isTrue();

        revoked.set(true);
        tick(tail);

        assertThat(tail.open()).isFalse();
        assertThat(socket.written()).last().asString().contains("forbidden");
    }

    private SseConnection expired(Uni<Instant> latest) {
        Validity over = new Validity(Instant.now().minusSeconds(1), () -> latest, () -> false);
        SseConnection tail = connection(over, "10");
        tick(tail);
        return tail;
    }

    private static void tick(SseConnection tail) {
        tail.tick(System.nanoTime(), Duration.ofSeconds(15).toNanos());
    }

    @Test
    void aBrokenSocketEndsItAndAsksForNothingMore() {
        AtomicInteger asked = new AtomicInteger();
        connection.serve(new RecordingSubscriber() {
            @Override
            public void drained() {
                asked.incrementAndGet();
            }
        });
        connection.onClosed(cleanups::incrementAndGet);
        connection.write(bytes("a"));
        connection.write(bytes("b"));

        socket.failWrites();

        assertThat(asked).hasValue(0);
        assertThat(cleanups).hasValue(1);
        assertThat(socket.wasReset()).isTrue();
    }

    @Test
    void aSlowClientReceivesTheNumberOfDroppedMessagesWhenItReadsAgain() {
        LossySubscriber subscriber = new LossySubscriber(connection, new LongAdder());
        connection.serve(subscriber);
        connection.write(bytes("0123456789"));
        subscriber.dropped(2);
        subscriber.dropped(1);
        assertThat(socket.written()).containsExactly("0123456789");

        socket.take();

        assertThat(socket.written()).singleElement().asString().contains("{\"count\":3}");
    }

    @Test
    void aFeedThatEndsMakesItsClientsReconnect() {
        connection.serve(new LossySubscriber(connection, new LongAdder()));
        connection.onClosed(cleanups::incrementAndGet);

        new LossySubscriber(connection, new LongAdder()).ended();
        assertThat(socket.written()).singleElement().asString().contains("lifetime");
        socket.take();
        socket.take();

        assertThat(cleanups).hasValue(1);
    }

    @Test
    void framesAfterManyWritesAreSentAsOneWriteInOrder() {
        for (int i = 0; i < 20; i++) {
            connection.write(bytes(Integer.toString(i)));
        }
        assertThat(socket.written()).hasSize(16).endsWith("15");

        socket.take();

        assertThat(socket.written()).containsExactly("16171819");
    }

    @Test
    void theClosingFrameIsSentAfterTheWaitingFrames() {
        for (int i = 0; i < 18; i++) {
            connection.write(bytes(Integer.toString(i)));
        }
        socket.written();

        connection.end(CloseReason.SHUTDOWN);

        assertThat(socket.written()).singleElement().asString().startsWith("1617event: closed");
    }

    @Test
    void releasesWaitingFramesWhenTheClientLeaves() {
        connection.onClosed(cleanups::incrementAndGet);
        SharedBatch batch = SharedBatch.of(List.of(new Frame(bytes("a"), 0)), 1, 0);
        for (int i = 0; i < 100; i++) {
            connection.write(batch);
        }
        batch.release();

        socket.leave();
        assertThat(batch.freed()).isFalse();
        socket.failWrites();

        assertThat(batch.freed()).isTrue();
        assertThat(cleanups).hasValue(1);
    }

    @Test
    void limitsTheNumberOfFramesOfAnySize() {
        SseConnection patient = connection(Validity.until(Instant.MAX), "1G");
        int taken = 0;
        for (; taken < 5_000 && patient.accepts(1); taken++) {
            patient.write(bytes("a"));
        }

        assertThat(taken).isLessThan(1_100);
    }

    private SseConnection connection(Validity validity, String buffer) {
        EventsConfig config = Settings.of(EventsConfig.class, Map.of("sluice.events.client-buffer", buffer));
        return new SseConnection("a.b", socket.client(loop, validity), config);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
