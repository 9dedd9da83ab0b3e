package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** Completes a future with the first reply to a request, or with the reason why there is none. */
record FirstReply(String subject, CompletableFuture<Message> reply) implements PendingRequest {

    @Override
    public void whenOver(Runnable release) {
        reply.whenComplete((message, failure) -> release.run());
    }

    @Override
    public void take(Message message) {
        reply.complete(message);
    }

    @Override
    public void unserved(Message message) {
        if (HeaderBlock.isOfStoredMessage(message)) {
            reply.complete(message);
        } else {
            reply.completeExceptionally(new JetStreamStatusException(message.getStatus()));
        }
    }

    @Override
    public boolean late() {
        return reply.completeExceptionally(new TimeoutException("No reply in time"));
    }

    @Override
    public void fail(SluiceException failure) {
        reply.completeExceptionally(failure);
    }
}
