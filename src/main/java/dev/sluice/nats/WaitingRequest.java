package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;

/** A request that waits for a reply. Calls after its end have no effect. */
interface WaitingRequest {

    String subject();

    void take(InboundMessage reply);

    /** The server reports that the subject has no subscribers. */
    void unserved();

    /** The time is over. Returns whether no reply has arrived. */
    boolean late();

    void fail(SluiceException failure);

    /** A request for the first reply. */
    record Single(String subject, Duration timeout, UniEmitter<? super InboundMessage> emitter)
            implements WaitingRequest {

        @Override
        public void take(InboundMessage reply) {
            emitter.complete(reply);
        }

        @Override
        public void unserved() {
            fail(Failure.NO_RESPONDERS.because("No service subscribes to this subject"));
        }

        @Override
        public boolean late() {
            fail(Failure.TIMEOUT.because("No reply within " + timeout.toMillis() + " ms"));
            return true;
        }

        @Override
        public void fail(SluiceException failure) {
            emitter.fail(failure);
        }
    }
}
