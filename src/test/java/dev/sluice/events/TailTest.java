package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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

        assertThat(cleanups).hasValue(1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
