package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The requests of one link that wait for their reply. A denied request gets no reply: the server only reports that its
 * subject is denied, and this class then fails the request. Thread-safe. Never blocks.
 */
final class PendingRequests {
    private final Set<Asked> open = ConcurrentHashMap.newKeySet();

    private static final class Asked {
        private final String subject;
        private final CompletableFuture<Message> reply = new CompletableFuture<>();

        Asked(String subject) {
            this.subject = subject;
        }
    }

    /**
     * Sends a request and tracks it until it completes. The request is registered before it is sent, because the denial
     * may arrive while it is being sent.
     *
     * @param sending the action that sends the request to {@code subject}; its exceptions are rethrown
     */
    CompletableFuture<Message> ask(String subject, Supplier<CompletableFuture<Message>> sending) {
        Asked asked = new Asked(subject);
        CompletableFuture<Message> reply = asked.reply;
        open.add(asked);
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
}
