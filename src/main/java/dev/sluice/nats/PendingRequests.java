package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Ticker;
import io.nats.client.Message;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The requests of one link that wait for their reply, until their timeout. A denied request gets no reply: the server only
 * reports that its subject is denied, and this class then fails the request. One periodic task serves all timeouts: a
 * timer for each request would cost more than the request. Thread-safe. Never blocks.
 */
final class PendingRequests {
    /** Maximum delay of a timeout. */
    private static final Duration TICK = Duration.ofMillis(50);

    private final Set<Asked> open = ConcurrentHashMap.newKeySet();
    private final Ticker.Task ticking;

    PendingRequests(ScheduledExecutorService clock) {
        ticking = new Ticker(TICK, clock).task(this::tick);
    }

    private static final class Asked {
        private final String subject;
        private final long deadline;
        private final CompletableFuture<Message> reply = new CompletableFuture<>();

        Asked(String subject, Duration timeout) {
            this.subject = subject;
            this.deadline = System.nanoTime() + timeout.toNanos();
        }
    }

    /**
     * Sends a request and tracks it until it completes, with a {@link TimeoutException} if there is no reply in time. The
     * request is registered before it is sent, because the denial may arrive while it is being sent.
     *
     * @param sending the action that sends the request to {@code subject}; its exceptions are rethrown
     */
    CompletableFuture<Message> ask(String subject, Duration timeout, Supplier<CompletableFuture<Message>> sending) {
        Asked asked = new Asked(subject, timeout);
        CompletableFuture<Message> reply = asked.reply;
        open.add(asked);
        ticking.start();
        reply.whenComplete((answer, failure) -> open.remove(asked));
        try {
            sending.get().whenComplete((answer, failure) -> {
                if (failure == null) {
                    reply.complete(answer);
                } else {
                    reply.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException unsendable) {
            open.remove(asked);
            throw unsendable;
        }
        return reply;
    }

    /** Fails all waiting requests. */
    void fail(SluiceException reason) {
        open.forEach(asked -> asked.reply.completeExceptionally(reason));
    }

    /** Fails the waiting requests to {@code subject}. The server denied the publish, so no responder received it. */
    void denied(String subject) {
        SluiceException refusal = DeniedSubjects.refusal(subject);
        open.forEach(asked -> {
            if (asked.subject.equals(subject)) {
                asked.reply.completeExceptionally(refusal);
            }
        });
    }

    private void tick() {
        long now = System.nanoTime();
        open.forEach(asked -> {
            if (now - asked.deadline >= 0) {
                asked.reply.completeExceptionally(new TimeoutException("No reply in time"));
            }
        });
        if (open.isEmpty()) {
            ticking.stop();
            if (!open.isEmpty()) {
                ticking.start();
            }
        }
    }
}
