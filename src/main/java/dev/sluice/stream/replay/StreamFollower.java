package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.StartPosition;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the end of a stream across failures of its consumer, its connection and the stream itself. After a failure it
 * creates a new consumer after the last message. Before that, it reads the messages stored in the meantime without a
 * consumer: a consumer may be unavailable, temporarily or permanently, and the next message may be undeliverable for
 * any consumer or look like the end of a page. So the first message is read singly.
 *
 * <p>One subscription at a time. Its signals are serial, and so are the accesses to its state, except where noted.
 */
final class StreamFollower {
    private static final Logger LOG = Logger.getLogger(StreamFollower.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(10), Duration.ofMillis(640));
    private static final Set<Failure> TRANSIENT =
            EnumSet.of(Failure.UNAVAILABLE, Failure.NO_STREAM, Failure.NO_CONSUMER, Failure.INTERNAL);
    /** Consecutive rejections, with nothing read in between, after which following fails. */
    private static final int MAX_REJECTIONS = 4;

    /** Maximum time without a consumer or a step towards one, before the observer is notified of an interruption. */
    private static final Duration MAX_STEP_TIME = Duration.ofMillis(1500);

    /** Messages read singly before a consumer is tried again, which reads the remaining messages much faster. */
    private static final int MAX_SINGLES = 64;

    /**
     * Minimum time before {@link FellBehindException}. It limits how often a reader restarts on a stream that removes
     * messages faster than they are read.
     */
    private static final Duration MIN_DURATION = Duration.ofMillis(250);

    /** Maximum time until the loss of a consumer is noticed, by missed heartbeats. */
    private static final Duration UNNOTICED = Duration.ofSeconds(5);

    /** Quarkus rejects a shorter delay on an event loop. */
    private static final Duration MIN_DELAY = Duration.ofMillis(1);

    private static final PageSize PAGE = new PageSize(256, 1 << 20);

    private final Selection selection;
    private final ReplayConsumers consumers;
    private final SingleReads singles;
    private final DirectGetPages pages;
    private final StreamStates states;
    private final Uni<Void> connected;
    private final SubscriptionObserver observer;
    private long position;
    private long time;
    private long read;
    private boolean readSingly;
    private int singlesLeft;
    private boolean consumerOpened;
    private int failures;
    private int rejections;
    /** Time at which nothing was missed up to the position, as {@link System#nanoTime}. */
    private long complete = System.nanoTime();
    /** Messages that the consumer had yet to send when it was created, or when it sent the last one. */
    private long backlog = Long.MAX_VALUE;
    /** Messages that the subscriber has requested and not received yet. Changed by any thread. */
    private final AtomicLong demand = new AtomicLong();
    /** Time of the last step, as {@link System#nanoTime}. Guarded by this. */
    private long lastStep;
    /** Whether the next step is due within the maximum time. Guarded by this. */
    private boolean stepExpected;
    /** Whether a check of the next step is scheduled. Guarded by this. */
    private boolean checkScheduled;

    private final AtomicReference<Flow.@Nullable Subscription> toConsumer = new AtomicReference<>();

    /** @param time storage time of the message at {@code position}, in milliseconds since 1970; 0 if unknown */
    StreamFollower(
            Selection selection,
            long position,
            long time,
            ReplayConsumers consumers,
            SingleReads singles,
            DirectGetPages pages,
            StreamStates states,
            Uni<Void> connected,
            SubscriptionObserver observer) {
        this.selection = selection;
        this.position = position;
        this.time = time;
        this.consumers = consumers;
        this.singles = singles;
        this.pages = pages;
        this.states = states;
        this.connected = connected;
        this.observer = observer;
    }

    Multi<StreamMessage> messages() {
        long begun = System.nanoTime();
        return connected
                .stage(FlatMapMany.flatMapMany(up -> Multi.createBy()
                        .concatenating()
                        .streams(
                                Multi.createFrom().deferred(this::withoutConsumer),
                                Multi.createFrom().deferred(this::withConsumer))))
                .onItem()
                .invoke(this::passed)
                .onFailure(failure -> !decisive(failure))
                .invoke(this::failed)
                .onFailure(failure -> !decisive(failure) && rejections < MAX_REJECTIONS)
                .retry()
                .when(failed -> failed.onItem().transformToUniAndConcatenate(this::pause))
                .onFailure(FellBehindException.class)
                .recoverWithMulti(behind -> behind(behind, begun))
                .onFailure(StreamRecreatedException.class)
                .recoverWithCompletion()
                .onRequest()
                .invoke(more -> Subscriptions.add(demand, more))
                .onTermination()
                .invoke(this::ended);
    }

    private static Multi<StreamMessage> behind(Throwable behind, long begun) {
        long left = MIN_DURATION.toNanos() - (System.nanoTime() - begun);
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(Duration.ofNanos(Math.max(left, MIN_DELAY.toNanos())))
                .stage(FlatMapMany.flatMapMany(late -> Multi.createFrom().failure(behind)));
    }

    /** Records a successful read and notifies the observer. */
    private synchronized void readable(boolean throughConsumer) {
        rejections = 0;
        observer.active();
        if (throughConsumer) {
            stepExpected = false;
        } else {
            expectNextStep();
        }
    }

    /**
     * Starts the supervision of the next step: the observer is notified if it does not follow within the maximum time.
     */
    private synchronized void expectNextStep() {
        lastStep = System.nanoTime();
        stepExpected = true;
        if (!checkScheduled) {
            checkScheduled = true;
            checkAgainIn(MAX_STEP_TIME.toNanos());
        }
    }

    private synchronized void checkStep() {
        long left = lastStep + MAX_STEP_TIME.toNanos() - System.nanoTime();
        if (stepExpected && left > 0) {
            checkAgainIn(left);
        } else {
            checkScheduled = false;
            if (stepExpected) {
                observer.interrupted();
            }
        }
    }

    private void checkAgainIn(long nanos) {
        Infrastructure.getDefaultWorkerPool()
                .schedule(this::checkStep, Math.max(nanos, MIN_DELAY.toNanos()), TimeUnit.NANOSECONDS);
    }

    private void ended() {
        synchronized (this) {
            stepExpected = false;
        }
        Subscriptions.cancel(toConsumer);
    }

    /**
     * Cancels a subscription that begins after the end. The concatenation of Mutiny 3.1.1 does not cancel a stream to which
     * it subscribes while its own subscription is cancelled.
     */
    private void opened(Flow.Subscription subscription) {
        Flow.Subscription now =
                toConsumer.updateAndGet(before -> before == Subscriptions.CANCELLED ? before : subscription);
        if (now == Subscriptions.CANCELLED) {
            subscription.cancel();
        }
    }

    /**
     * Returns whether a retry is useless: the stream was recreated, messages are lost, or NATS does not permit Sluice's
     * own user to read.
     */
    private static boolean decisive(Throwable failure) {
        return failure instanceof StreamRecreatedException
                || failure instanceof FellBehindException
                || Failure.FORBIDDEN.matches(failure);
    }

    private Multi<StreamMessage> withoutConsumer() {
        if (!consumerOpened) {
            expectNextStep();
            return Multi.createFrom().empty();
        }
        read = position;
        readSingly = true;
        singlesLeft = MAX_SINGLES;
        Multi<StreamMessage> missed = Multi.createBy()
                .repeating()
                .uni(this::next)
                .whilst(page -> !page.isEmpty() && singlesLeft > 0)
                .onItem()
                .disjoint();
        return checked().stage(FlatMapMany.flatMapMany(same -> missed));
    }

    private Uni<List<StreamMessage>> next() {
        Uni<Page> next = readSingly
                ? single()
                : pages.page(selection, read, read, PAGE)
                        .chain(page -> page.map(Uni.createFrom()::item).orElseGet(this::single))
                        .onFailure(failure -> !decisive(failure))
                        .recoverWithUni(this::single);
        readSingly = false;
        return next.invoke(page -> {
                    if (page.gap().isPresent()) {
                        throw new FellBehindException(selection.stream());
                    }
                    read = page.position();
                    readable(false);
                })
                .map(Page::messages);
    }

    private Uni<Page> single() {
        singlesLeft--;
        return singles.page(selection, read, read);
    }

    private Multi<StreamMessage> withConsumer() {
        consumerOpened = true;
        return consumers
                .read(selection, new StartPosition.Sequence(position + 1), consumers.options(), origin -> checked()
                        .invoke(same -> {
                            backlog = origin.state().pending();
                            readable(true);
                        }))
                .onSubscription()
                .invoke(this::opened)
                .onItem()
                .invoke(delivery -> backlog = delivery.pending())
                .map(StreamMessage::of)
                .stage(messages -> new JumpCheck(messages, selection, position, states));
    }

    /** Fails unless the stream is the same and the messages after the last one read were not removed. */
    private Uni<Void> checked() {
        long asked = System.nanoTime();
        return states.state(selection.stream())
                .invoke(now -> {
                    selection.check(now, position, time);
                    if (now.first() > position + 1 || missesMarkers(now)) {
                        throw new FellBehindException(selection.stream());
                    }
                    if (now.last() == position) {
                        complete = asked;
                    }
                })
                .chain(now -> singles.stillHolds(selection.stream(), position, time))
                .invoke(same -> {
                    if (!same) {
                        throw new StreamRecreatedException(selection.stream());
                    }
                })
                .replaceWithVoid();
    }

    private boolean missesMarkers(StreamState now) {
        return selection.ofStore()
                && now.last() > position
                && now.markersLostSince(time)
                && now.markersLost(Duration.ofNanos(System.nanoTime() - complete));
    }

    private void passed(StreamMessage message) {
        position = message.sequence();
        time = message.time().toEpochMilli();
        failures = 0;
        demand.decrementAndGet();
    }

    /** A consumer that had sent everything, to a subscriber that wanted more, had missed nothing until it was lost. */
    private void lost() {
        long whole = System.nanoTime() - UNNOTICED.toNanos();
        if (backlog == 0 && demand.get() > 0 && whole - complete > 0) {
            complete = whole;
        }
        backlog = Long.MAX_VALUE;
    }

    /** Without room for one more consumer at the server, the messages are read without one: no interruption. */
    private void failed(Throwable failure) {
        lost();
        LOG.debugf("Following %s after %d failed: %s", selection.stream(), position, failure.getMessage());
        failures++;
        expectNextStep();
        if (failures > 1 && !Failure.LIMIT_REACHED.matches(failure)) {
            observer.interrupted();
        }
        if (refused(failure)) {
            rejections++;
        }
    }

    /** Returns whether the server refused the request, as opposed to a temporary failure. */
    static boolean refused(Throwable failure) {
        return failure instanceof SluiceException && !Failure.matchesAny(TRANSIENT, failure);
    }

    private Uni<Throwable> pause(Throwable failure) {
        return Uni.createFrom().item(failure).onItem().delayIt().by(BACKOFF.delay(failures + 1));
    }
}
