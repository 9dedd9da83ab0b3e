package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The requests of one link that wait for their reply. A request that the server does not permit gets none: the server
 * only says that its subject is denied, which ends it here. Thread-safe, never blocks.
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
     * Sends a request and keeps it until it is answered. It is known before it is sent: the server's word may come while
     * it still is.
     *
     * @param sending sends it to {@code subject}; what it throws is thrown
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
        } catch (IllegalStateException unsendable) {
            open.remove(asked);
            throw unsendable;
        }
        return reply;
    }

    /** No reply comes to any of them. */
    void fail(SluiceException reason) {
        open.forEach(asked -> asked.reply.completeExceptionally(reason));
    }

    /** Nobody got what was published to {@code subject} just now. */
    void denied(String subject) {
        SluiceException refusal = DeniedSubjects.refusal(subject);
        open.forEach(asked -> {
            if (asked.subject.equals(subject)) {
                asked.reply.completeExceptionally(refusal);
            }
        });
    }
}
