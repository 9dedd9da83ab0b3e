package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Ticker;
import io.nats.client.Message;
import io.nats.client.support.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The requests of one link that wait for replies, by number, until their timeout. A denied request gets no reply: the
 * server only reports that its subject is denied, and this class then fails the request. A number is never used twice, so
 * a reply that arrives too late reaches no other request. One periodic task serves all timeouts: a timer for each request
 * would cost more than the request. Thread-safe. Never blocks.
 */
final class PendingRequests implements ReplyInbox.Replies {
    /** Maximum delay of a timeout. */
    private static final Duration TICK = Duration.ofMillis(50);

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Ticker.Task ticking;

    /** @param deadline a {@code nanoTime} */
    private record Pending(PendingRequest request, long deadline) {}

    PendingRequests(ScheduledExecutorService clock) {
        ticking = new Ticker(TICK, clock).task(this::tick);
    }

    /**
     * Sends {@code request} and tracks it until it is over. It is tracked before it is sent, because a reply or the denial
     * may arrive while it is being sent.
     *
     * @param sending sends the request with the number that it gets; its exceptions are rethrown
     */
    void send(PendingRequest request, Duration timeout, LongConsumer sending) {
        long number = numbers.incrementAndGet();
        pending.put(number, new Pending(request, System.nanoTime() + timeout.toNanos()));
        request.onEnd(() -> pending.remove(number));
        ticking.start();
        try {
            sending.accept(number);
        } catch (RuntimeException unsendable) {
            pending.remove(number);
            throw unsendable;
        }
    }

    @Override
    public void reply(long number, Message message) {
        Pending asked = pending.get(number);
        if (asked == null) {
            return;
        }
        if (message.isStatusMessage() && message.getStatus().getCode() == Status.NO_RESPONDERS_CODE) {
            asked.request.noResponders(message);
        } else {
            asked.request.reply(message);
        }
    }

    /** Fails the requests to {@code subject}. The server denied the publish, so no responder received it. */
    void denied(String subject) {
        SluiceException refusal = DeniedSubjects.refusal(subject);
        forEach(request -> {
            if (request.subject().equals(subject)) {
                request.fail(refusal);
            }
        });
    }

    void fail(SluiceException reason) {
        forEach(request -> request.fail(reason));
    }

    /** The connection is lost. */
    void disconnected() {
        forEach(PendingRequest::disconnected);
    }

    /** The connection is closed permanently: no reply can arrive. */
    void closed() {
        forEach(PendingRequest::closed);
    }

    private void forEach(Consumer<PendingRequest> event) {
        pending.values().forEach(asked -> event.accept(asked.request));
    }

    private void tick() {
        long now = System.nanoTime();
        pending.values().forEach(asked -> {
            if (now - asked.deadline >= 0) {
                asked.request.timedOut();
            }
        });
        if (pending.isEmpty()) {
            ticking.stop();
            if (!pending.isEmpty()) {
                ticking.start();
            }
        }
    }
}
