package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.LinkListener;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.helpers.queues.Queues;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's side of a pull.
 *
 * <p><b>One mutator.</b> Messages, statuses, link events, answers and requests come from many threads. All of them only
 * put something into the mailbox and count up the work in progress; whoever counts from zero sends the drain loop to the
 * executor, once per burst. The loop alone touches the driver and the downstream, so signals are serialised, and no
 * thread of the connection ever runs a subscriber's code.
 *
 * <p><b>Bounds.</b> What waits here is what open pulls brought, so the pull budget bounds it. Heartbeats are not queued.
 */
final class PullSession implements Flow.Subscription, LinkListener, PullInbox.Receiver, Runnable {
    private static final int BURST = 256;

    private final PullContext context;
    private final PullDriver driver;
    private final Executor executor;
    private final Queue<Object> mailbox = Queues.createMpscQueue();
    private final AtomicInteger work = new AtomicInteger();
    private final AtomicLong requested = new AtomicLong();
    private volatile boolean cancelled;

    private final ReadyDeliveries ready = new ReadyDeliveries();
    private long emitted;
    private @Nullable MultiSubscriber<? super Delivery> downstream;
    private boolean over;
    private Runnable unlisten = () -> {};
    private Runnable untick = () -> {};

    PullSession(
            PullTarget target,
            PullOptions options,
            PullContext context,
            Executor executor,
            MultiSubscriber<? super Delivery> downstream) {
        this.context = context;
        this.executor = executor;
        this.downstream = downstream;
        this.driver = new PullDriver(target, options, context, this, executor);
    }

    void begin() {
        context.counters().active.increment();
        tell(() -> {
            untick = context.ticker().onTick(this::tick);
            unlisten = context.link().listen(this);
        });
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            tell(() -> fail(Subscriptions.getInvalidRequestException()));
        } else {
            Subscriptions.add(requested, n);
            schedule();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        schedule();
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
    public void message(Message message, AckSubject position) {
        Acks acks = driver.acks();
        if (acks == null) {
            unreadable(message);
            return;
        }
        driver.alarm().signOfLife();
        mailbox.offer(new Delivery(message, position, acks));
        schedule();
    }

    @Override
    public void status(PullSignal signal) {
        if (signal.status() == PullStatus.HEARTBEAT) {
            driver.heartbeat(signal.pull());
        } else {
            tell(() -> driver.status(signal));
        }
    }

    @Override
    public void unreadable(Message message) {
        context.counters().unreadable.increment();
        tell(driver::unreadable);
    }

    private void tick() {
        if (driver.alarm().tick()) {
            tell(driver::rung);
        }
    }

    /** Has {@code change} made by the drain loop, after all that was told before. Any thread; never blocks. */
    void tell(Runnable change) {
        mailbox.offer(change);
        schedule();
    }

    private void schedule() {
        if (work.getAndIncrement() == 0) {
            resume();
        }
    }

    private void resume() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException shutDown) {
            cancelled = true;
            release();
            if (!over) {
                end();
            }
        }
    }

    /** The drain loop; at most one at a time, and it makes way for others after each burst. */
    @Override
    public void run() {
        int seen = work.get();
        while (seen != 0) {
            if (burst()) {
                resume();
                return;
            }
            seen = work.addAndGet(-seen);
        }
    }

    /** Returns whether there may be more. */
    private boolean burst() {
        boolean more = true;
        for (int i = 0; more && i < BURST; i++) {
            Object next = mailbox.poll();
            if (next instanceof Delivery delivery) {
                arrived(delivery);
            } else if (next instanceof Runnable change && !over) {
                make(change);
            }
            more = next != null;
        }
        emit();
        if (downstream != null) {
            driver.pull(requested.get() - emitted - ready.size(), ready.size(), ready.bytes());
        } else {
            endOnceLeft();
        }
        return more;
    }

    /** A fault must not end the drain loop, which would leave the subscriber waiting for ever. */
    private void make(Runnable change) {
        try {
            change.run();
        } catch (RuntimeException fault) {
            fail(Failure.INTERNAL.because("A pull failed", fault));
        }
    }

    private void arrived(Delivery delivery) {
        if (over) {
            giveBack(delivery);
        } else if (driver.received(delivery)) {
            if (delivery.delivered() > 1) {
                context.counters().redelivered.increment();
            }
            ready.add(delivery);
        }
    }

    private void emit() {
        MultiSubscriber<? super Delivery> target = downstream;
        long before = emitted;
        while (target != null && !cancelled && emitted < requested.get()) {
            Delivery delivery = ready.poll();
            if (delivery == null) {
                break;
            }
            emitted++;
            handOver(target, delivery);
        }
        context.counters().delivered.add(emitted - before);
        if (cancelled) {
            release();
        }
    }

    private void handOver(MultiSubscriber<? super Delivery> target, Delivery delivery) {
        try {
            target.onItem(delivery);
        } catch (RuntimeException broken) {
            cancelled = true;
            Infrastructure.handleDroppedException(broken);
        }
    }

    /** Ends the subscription with {@code failure}. Drain loop only. */
    void fail(Throwable failure) {
        MultiSubscriber<? super Delivery> target = downstream;
        release();
        if (target != null && !cancelled) {
            target.onFailure(failure);
        }
    }

    /** Downstream gets nothing any more. */
    private void release() {
        if (downstream != null) {
            downstream = null;
            driver.leave();
            endOnceLeft();
        }
    }

    private void endOnceLeft() {
        if (!over && driver.left()) {
            end();
        }
    }

    private void end() {
        over = true;
        unlisten.run();
        untick.run();
        driver.close();
        context.counters().active.decrement();
        ready.drainTo(this::giveBack);
    }

    private void giveBack(Delivery delivery) {
        if (delivery.expectsAck() && delivery.nak()) {
            context.counters().returned.increment();
        }
    }
}
