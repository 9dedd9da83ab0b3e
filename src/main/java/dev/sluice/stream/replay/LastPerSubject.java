package dev.sluice.stream.replay;

import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.CreationHook;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the last message of each subject, in pages. If the consumer breaks off, this snapshot ends early and the caller
 * reads every message after the last position: more messages than requested, but none is missing.
 *
 * <p>{@link #open} creates the consumer. Messages stored after that have sequences after the position of the last page.
 * The snapshot ends when the server reports that no message is pending; messages removed from the stream before they
 * were read are not delivered. Thread-safe, guarded by this.
 */
public final class LastPerSubject implements MultiSubscriber<Delivery>, CreationHook {
    /** Time without a message after which the consumer's progress is requested. */
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Selection selection;
    private final boolean payloads;
    private final ReplayConsumers consumers;
    private final StreamStates states;

    private Flow.@Nullable Subscription subscription;
    private @Nullable UniEmitter<? super Page> waiting;
    private List<StreamMessage> gathered = new ArrayList<>();
    private final long first;
    private long position;
    private @Nullable ConsumerRef consumer;
    private @Nullable UniEmitter<? super Void> opening;
    private long delivered;
    private long asked;
    private boolean over;
    private boolean taken;

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

    /** Creates the consumer; to be called once. Fails if the consumer cannot be created. */
    Uni<Void> open() {
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                opening = emitter;
            }
            consumers
                    .readLastPerSubject(selection, payloads, consumers.options(), this)
                    .subscribe()
                    .withSubscriber(this);
        });
    }

    /** Reads the next page, of at most {@code messages}. Must not be called before the previous page is complete. */
    public Uni<Page> next(int messages) {
        return Uni.createFrom().emitter(emitter -> {
            Flow.Subscription open;
            synchronized (this) {
                waiting = emitter;
                asked = messages;
                open = subscription;
                if (over) {
                    complete();
                    return;
                }
            }
            if (open != null) {
                open.request(messages);
                look();
            }
        });
    }

    /**
     * Polls the consumer while a page waits: if its pending messages are removed from the stream, the server does not
     * report it. If the consumer does not answer, or has sent messages that are not received yet, the page keeps
     * waiting.
     */
    private void look() {
        ConsumerRef asking = consumer;
        if (asking == null) {
            return;
        }
        long before = deliveredSoFar();
        Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(IDLE)
                .chain(() -> deliveredSoFar() == before
                        ? states.consumer(asking).invoke(this::looked).replaceWithVoid()
                        : Uni.createFrom().voidItem())
                .subscribe()
                .with(done -> lookAgain(), failure -> lookAgain());
    }

    private synchronized void looked(ConsumerInfo now) {
        if (now.state().pending() == 0 && now.state().deliveries() == delivered) {
            close();
        }
    }

    private void lookAgain() {
        boolean awaited;
        synchronized (this) {
            awaited = waiting != null && !over;
        }
        if (awaited) {
            look();
        }
    }

    private synchronized long deliveredSoFar() {
        return delivered;
    }

    /** Returns whether the last page was emitted; the caller then reads any remaining messages in another way. */
    public synchronized boolean over() {
        return taken;
    }

    /** Cancels the consumer. A pending page completes with the messages received so far. */
    public synchronized void close() {
        over = true;
        if (subscription != null) {
            subscription.cancel();
        }
        complete();
    }

    @Override
    public synchronized Uni<Void> pass(ConsumerInfo created) {
        consumer = new ConsumerRef(selection.stream(), created.name());
        // Its server may not have the latest messages yet. What it has not read is read afterwards.
        position = Math.max(first - 1, Math.min(position, created.state().deliveredSequence()));
        if (created.state().pending() == 0) {
            close();
        }
        UniEmitter<? super Void> last = opening;
        opening = null;
        if (last != null) {
            last.complete(null);
        }
        return Uni.createFrom().voidItem();
    }

    @Override
    public void onSubscribe(Flow.Subscription toConsumer) {
        boolean late;
        synchronized (this) {
            subscription = toConsumer;
            late = over;
        }
        if (late) {
            toConsumer.cancel();
        }
    }

    @Override
    public synchronized void onItem(Delivery delivery) {
        if (over) {
            return;
        }
        if (selection.wants(delivery.subject())) {
            gathered.add(StreamMessage.of(delivery));
        }
        position = delivery.streamSequence();
        delivered++;
        asked--;
        if (delivery.pending() == 0) {
            close();
        } else if (asked == 0) {
            complete();
        }
    }

    @Override
    public synchronized void onFailure(Throwable failure) {
        UniEmitter<? super Void> last = opening;
        opening = null;
        over = true;
        if (last != null) {
            last.fail(failure);
        }
        complete();
    }

    @Override
    public void onCompletion() {
        onFailure(new IllegalStateException("a pull does not complete"));
    }

    private void complete() {
        UniEmitter<? super Page> last = waiting;
        if (last != null) {
            waiting = null;
            taken = over;
            Page page = new Page(Optional.empty(), gathered, position);
            gathered = new ArrayList<>();
            last.complete(page);
        }
    }
}
