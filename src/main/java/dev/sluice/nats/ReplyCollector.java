package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.HotMulti;
import io.nats.client.Message;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes the replies to one request on until a limit is reached. An empty message is the end and no reply, unless it
 * reports the error of a service. Thread-safe, guarded by this.
 */
final class ReplyCollector implements PendingRequest {
    private final String subject;
    private final ReplyLimits limits;
    private final ScheduledExecutorService timer;
    private final HotMulti.Sink<ReplyItem> sink;
    private @Nullable Future<?> stall;
    private long replies;
    private long lastReply;
    private boolean over;
    private Runnable release = () -> {};

    ReplyCollector(String subject, ReplyLimits limits, ScheduledExecutorService timer, HotMulti.Sink<ReplyItem> sink) {
        this.subject = subject;
        this.limits = limits;
        this.timer = timer;
        this.sink = sink;
    }

    /** The request is over also if replies still wait for the client. */
    @Override
    public synchronized void onEnd(Runnable action) {
        release = action;
        if (over) {
            action.run();
        }
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public synchronized void reply(Message message) {
        if (over) {
            return;
        }
        InboundMessage reply = InboundMessage.of(message);
        if (reply.data().length == 0 && ServiceError.of(reply).isEmpty()) {
            end(ReplyItem.Reason.SENTINEL);
            return;
        }
        replies++;
        lastReply = System.nanoTime();
        sink.offer(new ReplyItem.Reply(reply));
        if (replies >= limits.max()) {
            end(ReplyItem.Reason.MAX);
        } else if (replies == 1 && limits.stall().compareTo(limits.timeout()) < 0) {
            watch(limits.stall().toNanos());
        }
    }

    @Override
    public void noResponders(Message reply) {
        end(ReplyItem.Reason.NO_RESPONDERS);
    }

    @Override
    public synchronized boolean timedOut() {
        boolean none = !over && replies == 0;
        end(ReplyItem.Reason.TIMEOUT);
        return none;
    }

    @Override
    public void closed() {
        fail(Requester.connectionClosed());
    }

    @Override
    public synchronized void fail(SluiceException failure) {
        if (!over) {
            close();
            sink.fail(failure);
        }
    }

    synchronized void close() {
        if (!over) {
            over = true;
            if (stall != null) {
                stall.cancel(false);
            }
            release.run();
        }
    }

    private void watch(long nanos) {
        stall = timer.schedule(this::checkStall, nanos, TimeUnit.NANOSECONDS);
    }

    private synchronized void checkStall() {
        long left = limits.stall().toNanos() - (System.nanoTime() - lastReply);
        if (over) {
            return;
        }
        if (left > 0) {
            watch(left);
        } else {
            end(ReplyItem.Reason.STALL);
        }
    }

    private synchronized void end(ReplyItem.Reason reason) {
        if (!over) {
            close();
            sink.offer(new ReplyItem.End(reason, replies));
            sink.complete();
        }
    }
}
