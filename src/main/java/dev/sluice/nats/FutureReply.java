package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** Completes a future with the first reply to a request, or with the reason why there is none. */
record FutureReply(String subject, CompletableFuture<Message> future) implements PendingRequest {

    @Override
    public void onEnd(Runnable release) {
        future.whenComplete((message, failure) -> release.run());
    }

    @Override
    public void reply(Message message) {
        future.complete(message);
    }

    @Override
    public void noResponders(Message message) {
        future.completeExceptionally(new JetStreamStatusException(message.getStatus()));
    }

    @Override
    public boolean timedOut() {
        return future.completeExceptionally(new TimeoutException("No reply in time"));
    }

    @Override
    public void closed() {
        timedOut();
    }

    @Override
    public void fail(SluiceException failure) {
        future.completeExceptionally(failure);
    }
}
