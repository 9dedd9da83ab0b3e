package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** Objects of three chunks of two bytes, with a window of two. The digest is computed when the test says so. */
class DigestCheckTest {
    private static final int WINDOW = 2;
    private static final byte[] ONE = {1, 2};
    private static final byte[] TWO = {3, 4};
    private static final byte[] THREE = {5, 6};
    private static final String DIGEST = digest(new byte[] {1, 2, 3, 4, 5, 6});

    private int corrupt;
    private final Source source = new Source();
    private final Queue<Runnable> digests = new ArrayDeque<>();

    @Test
    void passesAChunkOnBeforeItsDigestIsComputed() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);

        source.emit(ONE);

        assertThat(client.getItems()).containsExactly(ONE);
    }

    @Test
    void holdsTheLastChunkUntilTheDigestIsComputed() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);
        source.emit(ONE, TWO, THREE);
        assertThat(client.getItems()).containsExactly(ONE, TWO);

        compute();

        assertThat(client.getItems()).containsExactly(ONE, TWO, THREE);
    }

    @Test
    void failsInPlaceOfTheLastChunkIfTheDigestIsAnotherOne() {
        AssertSubscriber<byte[]> client = client(3, digest(ONE));
        source.emit(ONE, TWO, THREE);

        compute();

        client.assertFailedWith(IllegalStateException.class, "digest");
        assertThat(client.getItems()).containsExactly(ONE, TWO);
        assertThat(source.cancelled).isTrue();
    }

    @Test
    void checksOnlyTheSizeWithoutADigest() {
        AssertSubscriber<byte[]> client = client(3, null);
        source.emit(ONE, TWO, THREE);

        compute();

        assertThat(client.getItems()).containsExactly(ONE, TWO, THREE);
    }

    @Test
    void failsAtTheChunkThatExceedsTheSize() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);

        source.emit(ONE, new byte[5]);

        client.assertFailedWith(IllegalStateException.class, "7 bytes in place of 6");
        assertThat(client.getItems()).containsExactly(ONE);
        assertThat(source.cancelled).isTrue();
    }

    @Test
    void failsAtALastChunkThatDoesNotReachTheSize() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);

        source.emit(ONE, TWO, new byte[1]);

        client.assertFailedWith(IllegalStateException.class, "5 bytes in place of 6");
    }

    @Test
    void asksForNoMoreThanTheClient() {
        client(1, DIGEST);

        assertThat(source.requested).isEqualTo(1);
    }

    @Test
    void asksForNoMoreThanAWindowBeyondTheDigest() {
        client(3, DIGEST);
        source.emit(ONE);
        assertThat(source.requested).isEqualTo(WINDOW);

        compute();

        assertThat(source.requested).isEqualTo(3);
    }

    @Test
    void aFailureBeforeTheLastChunkEndsItAtOnce() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);
        source.emit(ONE);

        source.downstream.onFailure(new IllegalArgumentException("gone"));
        compute();

        client.assertFailedWith(IllegalArgumentException.class, "gone");
        assertThat(client.getItems()).containsExactly(ONE);
    }

    @Test
    void aFailureAfterTheLastChunkDoesNotOvertakeIt() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);
        source.emit(ONE, TWO, THREE);

        source.downstream.onFailure(new IllegalArgumentException("gone"));
        compute();

        assertThat(client.getItems()).containsExactly(ONE, TWO, THREE);
        assertThat(client.getFailure()).isNull();
    }

    @Test
    void emitsNothingAfterTheLastChunk() {
        AssertSubscriber<byte[]> client = client(9, DIGEST);
        source.emit(ONE, TWO, THREE, ONE);

        compute();

        assertThat(client.getItems()).containsExactly(ONE, TWO, THREE);
    }

    @Test
    void emitsNothingToAClientThatHasLeft() {
        AssertSubscriber<byte[]> client = client(3, DIGEST);
        source.emit(ONE, TWO, THREE);

        client.cancel();
        compute();

        assertThat(client.getItems()).containsExactly(ONE, TWO);
        assertThat(source.cancelled).isTrue();
        assertThat(corrupt).isZero();
    }

    @Test
    void aRequestForNothingIsAFailure() {
        AssertSubscriber<byte[]> client = client(1, DIGEST);

        client.request(0);

        client.assertFailedWith(IllegalArgumentException.class);
        assertThat(source.cancelled).isTrue();
    }

    private AssertSubscriber<byte[]> client(long requested, String digest) {
        ObjectInfo object = new ObjectInfo(
                "film", "", Map.of(), Map.of(), "id", 6, 3, 2, digest, null, false, Instant.EPOCH, 9, "$O", Map.of());
        Multi<byte[]> checked = new DigestCheck(source, object, WINDOW, digests::add, this::corrupt);
        return checked.subscribe().withSubscriber(AssertSubscriber.create(requested));
    }

    private Throwable corrupt(String why) {
        corrupt++;
        return new IllegalStateException(why);
    }

    private void compute() {
        for (Runnable next = digests.poll(); next != null; next = digests.poll()) {
            next.run();
        }
    }

    private static String digest(byte[] content) {
        return "SHA-256="
                + Base64.getUrlEncoder().encodeToString(Chunks.sha256().digest(content));
    }

    /** Emits what the test tells it to, whatever was requested. */
    private static final class Source extends AbstractMulti<byte[]> implements Flow.Subscription {
        private MultiSubscriber<? super byte[]> downstream;
        private long requested;
        private boolean cancelled;

        @Override
        public void subscribe(MultiSubscriber<? super byte[]> subscriber) {
            downstream = subscriber;
            subscriber.onSubscribe(this);
        }

        void emit(byte[]... chunks) {
            for (byte[] chunk : chunks) {
                downstream.onItem(chunk);
            }
        }

        @Override
        public void request(long count) {
            requested += count;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
