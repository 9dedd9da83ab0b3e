package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** One client's socket: what waits for it, and what becomes of it when it breaks. */
class TailTest {
    private final ScriptedResponse socket = new ScriptedResponse();
    private final Tail tail = new Tail("a.b", socket.response(), 10, Lifetime.of(Duration.ofMinutes(10), Instant.MAX));
    private final AtomicInteger cleanups = new AtomicInteger();

    @Test
    void cleansUpOnceHoweverItEnds() {
        tail.whenGone(cleanups::incrementAndGet);

        socket.leave();
        socket.leave();

        assertThat(cleanups).hasValue(1);
        assertThat(tail.open()).isFalse();
    }

    @Test
    void cleansUpAtOnceForAClientThatHasLeftAlready() {
        socket.leave();

        tail.whenGone(cleanups::incrementAndGet);

        assertThat(cleanups).hasValue(1);
        assertThat(tail.open()).isFalse();
    }

    @Test
    void cleansUpAtOnceAfterAWriteThatFailedBefore() {
        tail.write(bytes("a"));
        socket.failWrites();

        tail.whenGone(cleanups::incrementAndGet);

        assertThat(cleanups).hasValue(1);
    }

    @Test
    void aBrokenSocketEndsItAndAsksForNothingMore() {
        AtomicInteger asked = new AtomicInteger();
        tail.serve(new RecordingReceiver() {
            @Override
            public void relieved() {
                asked.incrementAndGet();
            }
        });
        tail.whenGone(cleanups::incrementAndGet);
        tail.write(bytes("a"));
        tail.write(bytes("b"));

        socket.failWrites();

        assertThat(asked).hasValue(0);
        assertThat(cleanups).hasValue(1);
        assertThat(socket.wasReset()).isTrue();
    }

    @Test
    void aClientThatFellBehindIsToldOnceItReadsAgain() {
        LossyReceiver receiver = new LossyReceiver(tail, Duration.ofSeconds(5), new LongAdder());
        tail.serve(receiver);
        tail.write(bytes("0123456789"));
        receiver.lose(2);
        receiver.lose(1);
        assertThat(socket.written()).containsExactly("0123456789");

        socket.take();

        assertThat(socket.written()).singleElement().asString().contains("{\"count\":3}");
    }

    @Test
    void aFeedThatIsOverSendsItsClientsBack() {
        tail.serve(new LossyReceiver(tail, Duration.ofSeconds(5), new LongAdder()));
        tail.whenGone(cleanups::incrementAndGet);

        new LossyReceiver(tail, Duration.ofSeconds(5), new LongAdder()).over();
        assertThat(socket.written()).singleElement().asString().contains("lifetime");
        socket.take();
        socket.take();

        assertThat(cleanups).hasValue(1);
    }

    @Test
    void whatComesBehindManyWritesLeavesAsOneInOrder() {
        for (int i = 0; i < 20; i++) {
            tail.write(bytes(Integer.toString(i)));
        }
        assertThat(socket.written()).hasSize(16).endsWith("15");

        socket.take();

        assertThat(socket.written()).containsExactly("16171819");
    }

    @Test
    void theLastWordComesBehindWhatWaits() {
        for (int i = 0; i < 18; i++) {
            tail.write(bytes(Integer.toString(i)));
        }
        socket.written();

        tail.end(CloseReason.SHUTDOWN, Duration.ofSeconds(5));

        assertThat(socket.written()).singleElement().asString().startsWith("1617event: closed");
    }

    @Test
    void freesWhatWaitsWhenTheClientLeaves() {
        tail.whenGone(cleanups::incrementAndGet);
        Burst burst = Burst.of(List.of(new Frame(bytes("a"), 0)), 1, 0);
        for (int i = 0; i < 100; i++) {
            tail.write(burst);
        }
        burst.release();

        socket.leave();
        assertThat(burst.freed()).isFalse();
        socket.failWrites();

        assertThat(burst.freed()).isTrue();
        assertThat(cleanups).hasValue(1);
    }

    @Test
    void takesNoMoreThanSoManyPiecesHoweverSmall() {
        Tail patient = new Tail(
                "a.b", socket.response(), Long.MAX_VALUE / 2, Lifetime.of(Duration.ofMinutes(10), Instant.MAX));
        int taken = 0;
        for (; taken < 5_000 && patient.takes(1); taken++) {
            patient.write(bytes("a"));
        }

        assertThat(taken).isLessThan(1_100);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
