package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests of one link that wait for their reply. A request that the server does not permit gets none: the server
 * only says that its subject is denied, which ends it here. Thread-safe, never blocks.
 */
final class OpenRequests {
    private final Set<Asked> open = ConcurrentHashMap.newKeySet();

    private static final class Asked {
        private final String subject;
        private final CompletableFuture<Message> reply;

        Asked(String subject, CompletableFuture<Message> reply) {
            this.subject = subject;
            this.reply = reply;
        }
    }

    /** Keeps the request until it is answered; returns {@code reply}. */
    CompletableFuture<Message> await(String subject, CompletableFuture<Message> reply) {
        Asked asked = new Asked(subject, reply);
        open.add(asked);
        reply.whenComplete((answer, failure) -> open.remove(asked));
        return reply;
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
