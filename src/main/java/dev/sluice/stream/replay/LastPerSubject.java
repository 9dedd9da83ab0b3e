package dev.sluice.stream.replay;

import dev.sluice.stream.pull.ConsumerPosition;
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
 * The last message of each subject, in pages. Where reading breaks off it is over, and the rest is read message by
 * message: more than was asked for, and nothing less.
 *
 * <p>Its consumer is created when it is opened, and what is stored from then on is behind the last page's position. It is
 * over when the server says that nothing is left: what is removed from the stream before it was read does not come.
 * Guarded by itself.
 */
public final class LastPerSubject implements MultiSubscriber<Delivery>, CreationHook {
    /** How long nothing comes before the consumer is asked whether there is anything. */
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Selection selection;
    private final ReplayConsumers consumers;
    private final StreamStates states;

    private Flow.@Nullable Subscription subscription;
    private @Nullable UniEmitter<? super Page> waiting;
    private List<StreamMessage> gathered = new ArrayList<>();
    private long position;
    private @Nullable String consumer;
    private @Nullable UniEmitter<? super Void> opening;
    private long delivered;
    private long asked;
    private boolean over;
    private boolean taken;

    /** @param position the last sequence before this was made */
    LastPerSubject(Selection selection, long position, ReplayConsumers consumers, StreamStates states) {
        this.selection = selection;
        this.position = position;
        this.consumers = consumers;
        this.states = states;
    }

    /** Creates its consumer; once. Fails with what keeps it from being created. */
    Uni<Void> open() {
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                opening = emitter;
            }
            consumers
                    .readLastPerSubject(selection, consumers.options(), this)
                    .subscribe()
                    .withSubscriber(this);
        });
    }

    /** The next page, of {@code messages} at most; not to be asked for before the last one came. */
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
     * What was to come may have been removed from the stream, and then nothing says that nothing comes. So the consumer is
     * asked as long as a page waits; one that does not answer, or has sent what did not come, is still to be waited for.
     */
    private void look() {
        String asking = consumer;
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
                        ? states.progress(selection.stream(), asking)
                        : Uni.createFrom().item(new ConsumerProgress(0, 1)))
                .subscribe()
                .with(this::looked, failure -> lookAgain());
    }

    private void looked(ConsumerProgress progress) {
        synchronized (this) {
            if (progress.pending() == 0 && progress.delivered() == delivered) {
                close();
            }
        }
        lookAgain();
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

    /** Whether its last page was taken, so that the rest, if any, is to be read otherwise. */
    public synchronized boolean over() {
        return taken;
    }

    /** Nothing more is wanted; a page that is awaited ends here. */
    public synchronized void close() {
        over = true;
        if (subscription != null) {
            subscription.cancel();
        }
        complete();
    }

    @Override
    public synchronized Uni<Void> pass(ConsumerPosition origin) {
        consumer = origin.consumer();
        if (origin.pending() == 0) {
            close();
        } else {
            position = origin.position();
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
