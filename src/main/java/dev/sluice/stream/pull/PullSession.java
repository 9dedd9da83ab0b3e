package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.LinkListener;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The subscription between a consumer and one subscriber. Buffers received deliveries until there is demand.
 *
 * <p><b>One mutator.</b> Messages, statuses, link events, API replies and requests come from many threads. All go
 * through the {@link Mailbox}. Only its runs, the drain loop, access the driver and the downstream, so signals are
 * serialized.
 *
 * <p><b>Bounds.</b> The buffer holds messages of open pulls, so the pull budget bounds it. Heartbeats are not queued.
 */
final class PullSession implements Flow.Subscription, LinkListener, PullDriver.Subscription, Mailbox.Session {
    private final PullContext context;
    private final Mailbox mailbox;
    private final PullDriver driver;
    private final AtomicLong requested = new AtomicLong();
    private volatile boolean cancelled;

    private final ReadyDeliveries ready = new ReadyDeliveries();
    private long emitted;
    private @Nullable MultiSubscriber<? super Delivery> downstream;
    private @Nullable PullDrain drain;
    private boolean ended;
    private Runnable stopListening = () -> {};
    private Runnable stopTicking = () -> {};

    PullSession(
            PullTarget target,
            PullOptions options,
            PullContext context,
            Executor executor,
            MultiSubscriber<? super Delivery> downstream) {
        this.context = context;
        this.downstream = downstream;
        this.mailbox = new Mailbox(executor, this);
        this.driver = new PullDriver(target, options, context, this, executor, mailbox);
    }

    void begin() {
        context.counters().active.increment();
        tell(() -> {
            stopTicking = context.ticker().onTick(this::tick);
            stopListening = context.link().listen(this);
        });
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            tell(() -> fail(Subscriptions.getInvalidRequestException()));
        } else {
            Subscriptions.add(requested, n);
            mailbox.wake();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        mailbox.wake();
    }

    @Override
    public void up(Connection connection) {
        tell(() -> driver.up(connection));
    }

    @Override
    public void down() {
        tell(driver::down);
    }

    @Override
    public void denied(String subject) {
        tell(() -> driver.denied(subject));
    }

    @Override
    public void message(Message message, AckSubject position) {
        ConsumerAcks acks = driver.acks();
        if (acks == null) {
            unreadable(message);
            return;
        }
        driver.heartbeatMonitor().signOfLife();
        mailbox.offer(new Delivery(message, position, acks));
    }

    @Override
    public void status(PullSignal signal) {
        if (signal.status() == PullStatus.HEARTBEAT) {
            driver.heartbeat(signal.pull());
        } else {
            tell(() -> answered(signal));
        }
    }

    @Override
    public void unreadable(Message message) {
        context.counters().unreadable.increment();
        tell(driver::unreadable);
    }

    private void tick() {
        if (driver.heartbeatMonitor().tick()) {
            tell(this::timedOut);
        }
    }

    /**
     * Runs {@code change} on the drain loop, after all earlier changes, unless the subscription has ended by then. If
     * {@code change} throws, the subscription fails; otherwise the subscriber would wait forever. Any thread; never
     * blocks.
     */
    @Override
    public void tell(Runnable change) {
        mailbox.execute(() -> {
            try {
                if (!ended) {
                    change.run();
                }
            } catch (Throwable fault) {
                fail(Failure.INTERNAL.because("A pull failed", fault));
            }
        });
    }

    private void answered(PullSignal signal) {
        if (!driver.heartbeat(signal.pull())) {
            return;
        }
        if (drain == null) {
            driver.status(signal);
        } else {
            drain.status(signal);
        }
    }

    private void timedOut() {
        if (!driver.heartbeatMonitor().fired()) {
            return;
        }
        if (drain == null) {
            driver.timedOut();
        } else {
            drain.timedOut();
        }
    }

    @Override
    public void arrived(Delivery delivery) {
        if (ended) {
            delivery.giveBack();
        } else if (driver.received(delivery)) {
            if (delivery.delivered() > 1) {
                context.counters().redelivered.increment();
            }
            ready.add(delivery);
        }
    }

    @Override
    public void batchProcessed() {
        emit();
        if (downstream == null) {
            endOnceLeft();
        } else {
            driver.pull(requested.get() - emitted - ready.size(), ready.size(), ready.bytes());
        }
    }

    @Override
    public void shutDown() {
        cancelled = true;
        release();
        if (!ended) {
            end();
        }
    }

    private void emit() {
        MultiSubscriber<? super Delivery> target = downstream;
        while (target != null && !cancelled && emitted < requested.get()) {
            Delivery delivery = ready.poll();
            if (delivery == null) {
                break;
            }
            emitted++;
            context.counters().delivered.increment();
            handOver(target, delivery);
        }
        if (cancelled) {
            release();
        }
    }

    private void handOver(MultiSubscriber<? super Delivery> target, Delivery delivery) {
        try {
            target.onItem(delivery);
        } catch (Throwable broken) {
            cancelled = true;
            Infrastructure.handleDroppedException(broken);
        }
    }

    @Override
    public void fail(Throwable failure) {
        MultiSubscriber<? super Delivery> target = downstream;
        release();
        if (target != null && !cancelled) {
            target.onFailure(failure);
        }
    }

    /** Ends emission and starts the drain. */
    private void release() {
        if (downstream != null) {
            downstream = null;
            drain = driver.leave();
            endOnceLeft();
        }
    }

    /** Ends the session when no open pull is left that could receive a redelivery of the returned messages. */
    private void endOnceLeft() {
        if (!ended && (drain == null || drain.ended())) {
            end();
        }
    }

    private void end() {
        ended = true;
        stopListening.run();
        stopTicking.run();
        ready.drainTo(Delivery::giveBack);
        driver.close();
        context.counters().active.decrement();
    }
}
