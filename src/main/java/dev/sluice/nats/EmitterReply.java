package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;

/** Completes an emitter with the first reply to a request, or fails it with the reason why there is none. */
record EmitterReply(String subject, Duration timeout, UniEmitter<? super InboundMessage> emitter)
        implements PendingRequest {

    @Override
    public void onEnd(Runnable release) {
        emitter.onTermination(release);
    }

    @Override
    public void reply(Message reply) {
        emitter.complete(InboundMessage.of(reply));
    }

    @Override
    public void noResponders(Message reply) {
        fail(Failure.NO_RESPONDERS.because("No service subscribes to this subject"));
    }

    @Override
    public boolean timedOut() {
        fail(Failure.TIMEOUT.because("No reply within " + timeout.toMillis() + " ms"));
        return true;
    }

    @Override
    public void closed() {
        fail(Requester.connectionClosed());
    }

    @Override
    public void fail(SluiceException failure) {
        emitter.fail(failure);
    }
}
