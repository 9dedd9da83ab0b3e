package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.pull.StartAt;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Goes along with the end of a stream through everything that can happen to its consumer, its connection and the stream
 * itself. What breaks it off leads to a new consumer behind the last message. Before that, all that is stored meanwhile
 * is read without a consumer: one may not be had, now or ever, and the next message may be the one that no consumer can
 * deliver, or that looks like the end of a page. So the first one is read alone.
 *
 * <p>One subscription at a time; its signals are serial, and so is all state.
 */
final class StreamFollower {
    private static final Logger LOG = Logger.getLogger(StreamFollower.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);
    private static final int MOST_DOUBLINGS = 6;
    /** Refusals one after the other, with nothing read in between, that are taken for an answer. */
    private static final int MOST_REFUSALS = 4;

    /** Longer without a consumer, or without what it is made from, and the stream is not followed. */
    private static final Duration LONGEST_GAP = Duration.ofMillis(1500);

    /** Messages read one by one before a consumer is tried again, which reads all that is left much faster. */
    private static final int MOST_SINGLES = 64;

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
    private boolean alone;
    private int singlesLeft;
    private boolean brokenOff;
    private int failures;
    private int refusals;
    /** Guarded by this, as what follows it; so are the words to the observer. */
    private long lastStep;

    private boolean stepExpected;
    private boolean watched;

    /** @param time when the message at {@code position} was stored, in milliseconds since 1970; 0 if it is not known */
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
        return connected
                .onItem()
                .transformToMulti(up -> Multi.createBy()
                        .concatenating()
                        .streams(
                                Multi.createFrom().deferred(this::withoutConsumer),
                                Multi.createFrom().deferred(this::onwards)))
                .onItem()
                .invoke(this::passed)
                .onFailure(failure -> !decisive(failure))
                .invoke(this::failed)
                .onFailure(failure -> !decisive(failure) && refusals < MOST_REFUSALS)
                .retry()
                .when(failed -> failed.onItem().transformToUniAndConcatenate(this::pause))
                .onFailure(StreamRecreatedException.class)
                .recoverWithCompletion()
                .onTermination()
                .invoke(this::ended);
    }

    /** The stream could just be read. */
    private synchronized void readable(boolean throughConsumer) {
        refusals = 0;
        observer.active();
        if (throughConsumer) {
            stepExpected = false;
        } else {
            expectNextStep();
        }
    }

    /** Nothing is followed now; the observer hears so, unless the next step is taken soon. */
    private synchronized void expectNextStep() {
        lastStep = System.nanoTime();
        stepExpected = true;
        if (!watched) {
            watched = true;
            lookAgainIn(LONGEST_GAP.toNanos());
        }
    }

    private synchronized void look() {
        long left = lastStep + LONGEST_GAP.toNanos() - System.nanoTime();
        if (stepExpected && left > 0) {
            lookAgainIn(left);
        } else {
            watched = false;
            if (stepExpected) {
                observer.interrupted();
            }
        }
    }

    private void lookAgainIn(long nanos) {
        Infrastructure.getDefaultWorkerPool().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private synchronized void ended() {
        stepExpected = false;
    }

    /** Whether trying again does not help: the stream is another one, or NATS does not permit it to our own user. */
    private static boolean decisive(Throwable failure) {
        return failure instanceof StreamRecreatedException
                || failure instanceof FellBehindException
                || (failure instanceof SluiceException known && known.failure() == Failure.FORBIDDEN);
    }

    private Multi<StreamMessage> withoutConsumer() {
        if (!brokenOff) {
            expectNextStep();
            return Multi.createFrom().empty();
        }
        read = position;
        alone = true;
        singlesLeft = MOST_SINGLES;
        Multi<StreamMessage> missed = Multi.createBy()
                .repeating()
                .uni(this::next)
                .whilst(page -> !page.isEmpty() && singlesLeft > 0)
                .onItem()
                .disjoint();
        return checked().onItem().transformToMulti(same -> missed);
    }

    private Uni<List<StreamMessage>> next() {
        Uni<Page> next = alone
                ? single()
                : pages.page(selection, read, read, PAGE)
                        .chain(page -> page.map(Uni.createFrom()::item).orElseGet(this::single))
                        .onFailure(failure -> !decisive(failure))
                        .recoverWithUni(this::single);
        alone = false;
        return next.invoke(page -> {
                    read = page.position();
                    readable(false);
                })
                .map(Page::messages);
    }

    private Uni<Page> single() {
        singlesLeft--;
        return singles.next(selection, read).map(next -> Page.of(next, read));
    }

    private Multi<StreamMessage> onwards() {
        brokenOff = true;
        return consumers
                .read(selection, new StartAt.Sequence(position + 1), consumers.options(), origin -> checked()
                        .invoke(same -> readable(true)))
                .map(StreamMessage::of);
    }

    /** That the stream goes on from the last message that was read: it is the same, and what follows was not removed. */
    private Uni<Void> checked() {
        return states.state(selection.stream())
                .invoke(now -> {
                    selection.check(now, position, time);
                    if (now.first() > position + 1) {
                        throw new FellBehindException(selection.stream());
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

    private void passed(StreamMessage message) {
        position = message.sequence();
        time = message.time().toEpochMilli();
        failures = 0;
    }

    private void failed(Throwable failure) {
        LOG.debugf("Following %s behind %d broke off: %s", selection.stream(), position, failure.getMessage());
        failures++;
        expectNextStep();
        if (failures > 1) {
            observer.interrupted();
        }
        if (refused(failure)) {
            refusals++;
        }
    }

    /** Whether the server will not, rather than cannot now. */
    static boolean refused(Throwable failure) {
        return failure instanceof SluiceException known
                && known.failure() != Failure.UNAVAILABLE
                && known.failure() != Failure.NO_STREAM
                && known.failure() != Failure.NO_CONSUMER
                && known.failure() != Failure.INTERNAL;
    }

    private Uni<Throwable> pause(Throwable failure) {
        Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        return Uni.createFrom().item(failure).onItem().delayIt().by(pause);
    }
}
