package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.CreationHook;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the last message of each subject, in pages. If the consumer fails, this snapshot ends early and the caller
 * reads every message after the last position: more messages than requested, but none is missing.
 *
 * <p>{@link #open} creates the consumer. Messages stored after that have sequences after the position of the last page.
 * The snapshot ends when the server reports that no message is pending; messages removed from the stream before they
 * were read are not delivered. Messages are requested in small steps, so that large ones are not held by the hundred.
 * Thread-safe, guarded by this; pages are emitted without the lock, because the receiver encodes them.
 */
public final class LastPerSubject implements MultiSubscriber<Delivery>, CreationHook {
    /** Time without a message after which the consumer's progress is requested. */
    private static final Duration IDLE = Duration.ofSeconds(1);

    /** Maximum number of messages requested and not received yet: what is held beyond the page that is read. */
    private static final int MAX_REQUESTED = 128;

    /** As {@link #MAX_REQUESTED}, before the size of the messages is known. */
    private static final int FIRST_REQUESTED = 4;

    private final Selection selection;
    private final boolean payloads;
    private final ReplayConsumers consumers;
    private final StreamStates states;

    private Flow.@Nullable Subscription subscription;
    private @Nullable UniEmitter<? super Page> waiting;
    private final Deque<Read> collected = new ArrayDeque<>();
    private long collectedBytes;
    private PageSize size = new PageSize(0, 0);
    private long largest;
    private final long first;
    private long position;
    private @Nullable ConsumerRef consumer;
    private @Nullable UniEmitter<? super Void> opening;
    private long delivered;
    private long requested;
    private boolean readingEnded;
    private boolean lastPageEmitted;

    /** @param message null if its subject is not selected */
    private record Read(long sequence, long bytes, @Nullable StreamMessage message) {}

    /**
     * @param now the state of the stream before this instance was created
     * @param payloads whether the messages have their payload
     */
    LastPerSubject(
            Selection selection, StreamState now, boolean payloads, ReplayConsumers consumers, StreamStates states) {
        this.selection = selection;
        this.payloads = payloads;
        this.first = now.first();
        this.position = now.last();
        this.consumers = consumers;
        this.states = states;
    }

    /**
     * Creates the consumer; to be called once. Fails if the consumer cannot be created, {@code UNAVAILABLE} if that is not
     * known within {@link ReplayConsumers#TIMEOUT}, for example because NATS cannot be reached.
     */
    Uni<Void> open() {
        return Uni.createFrom()
                .<Void>emitter(emitter -> {
                    synchronized (this) {
                        opening = emitter;
                    }
                    consumers
                            .readLastPerSubject(selection, payloads, consumers.options(), this)
                            .subscribe()
                            .withSubscriber(this);
                })
                .ifNoItem()
                .after(ReplayConsumers.TIMEOUT)
                .failWith(() -> Failure.UNAVAILABLE.because("The stream " + selection.stream() + " did not answer"))
                .onFailure()
                .invoke(this::close);
    }

    /** Reads the next page. Must not be called before the previous page is complete. */
    public Uni<Page> next(PageSize page) {
        return Uni.createFrom().emitter(emitter -> {
            Runnable step;
            boolean awaited;
            synchronized (this) {
                waiting = emitter;
                size = page;
                step = step();
                awaited = waiting != null;
            }
            step.run();
            if (awaited) {
                poll();
            }
        });
    }

    /**
     * Polls the consumer while a page waits: if its pending messages are removed from the stream, the server does not
     * report it. If the consumer does not answer, or has sent messages that are not received yet, the page keeps
     * waiting.
     */
    private void poll() {
        ConsumerRef polledConsumer = consumer;
        if (polledConsumer == null) {
            return;
        }
        long before = deliveredSoFar();
        Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(IDLE)
                .chain(() -> deliveredSoFar() == before
                        ? states.consumer(polledConsumer).invoke(this::polled).replaceWithVoid()
                        : Uni.createFrom().voidItem())
                .subscribe()
                .with(done -> pollAgain(), failure -> pollAgain());
    }

    private void polled(ConsumerInfo now) {
        boolean read;
        synchronized (this) {
            read = now.state().pending() == 0 && now.state().deliveries() == delivered;
        }
        if (read) {
            close();
        }
    }

    private void pollAgain() {
        boolean awaited;
        synchronized (this) {
            awaited = waiting != null && !readingEnded;
        }
        if (awaited) {
            poll();
        }
    }

    private synchronized long deliveredSoFar() {
        return delivered;
    }

    /** Returns whether the last page was emitted; the caller then reads any remaining messages in another way. */
    public synchronized boolean ended() {
        return lastPageEmitted;
    }

    /** Cancels the consumer. A pending page completes with the messages received so far. */
    public void close() {
        Flow.Subscription open;
        Runnable step;
        synchronized (this) {
            readingEnded = true;
            open = subscription;
            step = step();
        }
        if (open != null) {
            open.cancel();
        }
        step.run();
    }

    @Override
    public Uni<Void> pass(ConsumerInfo created) {
        UniEmitter<? super Void> last;
        synchronized (this) {
            consumer = new ConsumerRef(selection.stream(), created.name());
            // Its server may not have the latest messages yet. What it has not read is read afterwards.
            position = Math.max(first - 1, Math.min(position, created.state().deliveredSequence()));
            last = opening;
            opening = null;
        }
        if (created.state().pending() == 0) {
            close();
        }
        if (last != null) {
            last.complete(null);
        }
        return Uni.createFrom().voidItem();
    }

    @Override
    public void onSubscribe(Flow.Subscription toConsumer) {
        boolean late;
        Runnable step;
        synchronized (this) {
            subscription = toConsumer;
            late = readingEnded;
            step = step();
        }
        if (late) {
            toConsumer.cancel();
        }
        step.run();
    }

    @Override
    public void onItem(Delivery delivery) {
        boolean last = delivery.pending() == 0;
        Runnable step;
        synchronized (this) {
            if (readingEnded) {
                return;
            }
            StreamMessage message = selection.wants(delivery.subject()) ? StreamMessage.of(delivery) : null;
            long bytes = message == null ? 0 : message.message().size();
            collected.add(new Read(delivery.streamSequence(), bytes, message));
            collectedBytes += bytes;
            largest = Math.max(bytes, largest - largest / 8);
            delivered++;
            requested--;
            step = last ? LastPerSubject::nothing : step();
        }
        if (last) {
            close();
        }
        step.run();
    }

    @Override
    public void onFailure(Throwable failure) {
        UniEmitter<? super Void> last;
        Runnable step;
        synchronized (this) {
            last = opening;
            opening = null;
            readingEnded = true;
            step = step();
        }
        if (last != null) {
            last.fail(failure);
        }
        step.run();
    }

    @Override
    public void onCompletion() {
        onFailure(new IllegalStateException("a pull does not complete"));
    }

    /** Returns what to do next, without the lock: to emit the page if it is complete, or to request more messages. */
    private Runnable step() {
        UniEmitter<? super Page> last = waiting;
        if (last == null) {
            return LastPerSubject::nothing;
        }
        if (readingEnded || collected.size() >= size.messages() || collectedBytes >= size.bytes()) {
            waiting = null;
            Page page = page();
            lastPageEmitted = readingEnded && collected.isEmpty();
            return () -> last.complete(page);
        }
        Flow.Subscription open = subscription;
        long wanted = Math.min(size.messages() - collected.size(), maxRequested());
        long more = wanted - requested;
        if (open == null || more <= 0 || requested > wanted / 2) {
            return LastPerSubject::nothing;
        }
        requested += more;
        return () -> open.request(more);
    }

    /** As many as fill a page if they are as large as the largest of the last messages; all if they have no payload. */
    private long maxRequested() {
        if (!payloads) {
            return size.messages();
        }
        return delivered == 0
                ? FIRST_REQUESTED
                : Math.max(1, Math.min(MAX_REQUESTED, size.bytes() / Math.max(1, largest)));
    }

    private static void nothing() {}

    private Page page() {
        List<StreamMessage> messages = new ArrayList<>();
        long bytes = 0;
        int read = 0;
        for (; read < size.messages() && bytes < size.bytes() && !collected.isEmpty(); read++) {
            Read next = collected.remove();
            position = next.sequence();
            bytes += next.bytes();
            if (next.message() != null) {
                messages.add(next.message());
            }
        }
        collectedBytes -= bytes;
        return new Page(Optional.empty(), messages, position, read);
    }
}
