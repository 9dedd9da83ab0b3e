package dev.sluice.stream.replay;

import dev.sluice.stream.pull.Checkpoint;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.Origin;
import dev.sluice.stream.pull.PullOptions;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The last message of each subject, in pages. Where reading breaks off it is over, and the rest is read message by
 * message: more than was asked for, and nothing less.
 *
 * <p>Its consumer is created with the first page, and what is stored from then on is behind the last page's position.
 * Guarded by itself.
 */
public final class Snapshot implements MultiSubscriber<Delivery>, Checkpoint {
    private final Selection selection;
    private final Consumers consumers;
    private final PullOptions options;

    private Flow.@Nullable Subscription subscription;
    private @Nullable UniEmitter<? super Page> waiting;
    private List<Recorded> gathered = new ArrayList<>();
    private long position;
    private long left = -1;
    private long asked;
    private boolean over;

    /** @param position the last sequence before this was made */
    Snapshot(Selection selection, long position, Consumers consumers, PullOptions options) {
        this.selection = selection;
        this.position = position;
        this.consumers = consumers;
        this.options = options;
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
            if (open == null) {
                consumers
                        .readLastPerSubject(selection, options, this)
                        .subscribe()
                        .withSubscriber(this);
            } else {
                open.request(messages);
            }
        });
    }

    /** Whether all has been read, or the rest is to be read otherwise. */
    public synchronized boolean over() {
        return over;
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
    public synchronized Uni<Void> pass(Origin origin) {
        left = origin.pending();
        if (left == 0) {
            close();
        } else {
            position = origin.position();
        }
        return Uni.createFrom().voidItem();
    }

    @Override
    public void onSubscribe(Flow.Subscription toConsumer) {
        synchronized (this) {
            subscription = toConsumer;
        }
        toConsumer.request(asked);
    }

    @Override
    public synchronized void onItem(Delivery delivery) {
        if (over) {
            return;
        }
        if (selection.wants(delivery.subject())) {
            gathered.add(Recorded.of(delivery));
        }
        position = delivery.streamSequence();
        left--;
        asked--;
        if (left == 0) {
            close();
        } else if (asked == 0) {
            complete();
        }
    }

    @Override
    public synchronized void onFailure(Throwable failure) {
        if (left < 0) {
            subscription = null;
            UniEmitter<? super Page> last = waiting;
            if (last != null) {
                last.fail(failure);
            }
        } else if (!over) {
            over = true;
            complete();
        }
    }

    @Override
    public void onCompletion() {
        onFailure(new IllegalStateException("a pull does not complete"));
    }

    private void complete() {
        UniEmitter<? super Page> last = waiting;
        if (last != null) {
            waiting = null;
            Page page = new Page(Optional.empty(), gathered, position);
            gathered = new ArrayList<>();
            last.complete(page);
        }
    }
}
