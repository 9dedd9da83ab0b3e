package dev.sluice.stream.object;

import dev.sluice.flow.SerialExecutor;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.operators.multi.AbstractMultiOperator;
import io.smallrye.mutiny.operators.multi.MultiOperatorProcessor;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Compares the chunks of a whole object with its size and digest. Each chunk is passed on at once, on the thread of the
 * upstream, and the digest is computed beside that on another thread. Only the last chunk waits for the digest: it is
 * emitted there if the digest is that of the metadata, and nothing follows it.
 *
 * <p>The upstream is asked for no more than a window beyond the chunks that are in the digest, so that no more of them
 * wait for it.
 */
final class DigestCheck extends AbstractMultiOperator<byte[], byte[]> {
    private final ObjectInfo object;
    private final int window;
    private final Executor executor;
    private final Function<String, Throwable> corrupt;

    /**
     * @param upstream the chunks of {@code object}, of which there is at least one
     * @param executor computes the digest
     * @param corrupt returns the failure for chunks that do not fit the metadata
     */
    DigestCheck(
            Multi<byte[]> upstream,
            ObjectInfo object,
            int window,
            Executor executor,
            Function<String, Throwable> corrupt) {
        super(upstream);
        this.object = object;
        this.window = window;
        this.executor = executor;
        this.corrupt = corrupt;
    }

    @Override
    public void subscribe(MultiSubscriber<? super byte[]> downstream) {
        upstream().subscribe().withSubscriber(new Check(downstream));
    }

    private final class Check extends MultiOperatorProcessor<byte[], byte[]> {
        private final Executor digesting = new SerialExecutor(executor);
        /** Confined to {@link #digesting}. */
        private final MessageDigest digest = Chunks.sha256();

        private final AtomicLong requested = new AtomicLong();
        private final AtomicLong digested = new AtomicLong();
        private final AtomicLong asked = new AtomicLong();
        /** Confined to the thread of the upstream. */
        private long received;
        /** Confined to the thread of the upstream. */
        private long size;

        Check(MultiSubscriber<? super byte[]> downstream) {
            super(downstream);
        }

        @Override
        public void request(long count) {
            if (count <= 0) {
                fail(Subscriptions.getInvalidRequestException());
                return;
            }
            Subscriptions.add(requested, count);
            ask();
        }

        /** Requests what the demand and the digest leave room for. */
        private void ask() {
            long most = Math.min(requested.get(), digested.get() + window);
            long before = asked.getAndAccumulate(most, Math::max);
            if (before < most) {
                super.request(most - before);
            }
        }

        @Override
        public void onItem(byte[] chunk) {
            if (isDone() || received == object.chunks()) {
                return;
            }
            received++;
            size += chunk.length;
            boolean last = received == object.chunks();
            if (size > object.size() || (last && size < object.size())) {
                fail(corrupt.apply("it has %d bytes in place of %d".formatted(size, object.size())));
            } else if (last) {
                digesting.execute(() -> end(chunk));
            } else {
                super.onItem(chunk);
                digesting.execute(() -> digest(chunk));
            }
        }

        private void digest(byte[] chunk) {
            if (!isDone()) {
                digest.update(chunk);
                digested.incrementAndGet();
                ask();
            }
        }

        private void end(byte[] last) {
            if (isDone()) {
                return;
            }
            digest.update(last);
            if (fits()) {
                super.onItem(last);
            } else {
                fail(corrupt.apply("its digest is not that of the metadata"));
            }
        }

        private boolean fits() {
            String expected = object.digest();
            String algorithm = ObjectInfo.DIGEST_ALGORITHM;
            return expected == null
                    || !expected.regionMatches(true, 0, algorithm, 0, algorithm.length())
                    || expected.substring(algorithm.length())
                            .replace("=", "")
                            .equals(Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest()));
        }

        private void fail(Throwable failure) {
            if (!isDone()) {
                cancel();
                downstream.onFailure(failure);
            }
        }

        /** A failure after the last chunk does not matter: that chunk may still wait for the digest. */
        @Override
        public void onFailure(Throwable failure) {
            if (received < object.chunks()) {
                super.onFailure(failure);
            }
        }

        @Override
        public void onCompletion() {
            if (received < object.chunks()) {
                super.onCompletion();
            }
        }
    }
}
