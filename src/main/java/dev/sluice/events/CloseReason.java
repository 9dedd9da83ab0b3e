package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;

/** Why the server ends a tail; the client reads it in the {@code closed} event. */
public enum CloseReason {
    /** It has lived long enough; reconnecting spreads the load over the instances. */
    LIFETIME,
    /** This instance stops; another one takes over. */
    SHUTDOWN,
    /** Who opened it is not let in any longer, or NATS does not permit it to Sluice; reconnecting is in vain. */
    FORBIDDEN;

    /** What to tell a client whose feed ended in {@code failure}; who may come back gets any other refusal as a status. */
    static CloseReason after(Throwable failure) {
        boolean forbidden = failure instanceof SluiceException known && known.failure() == Failure.FORBIDDEN;
        return forbidden ? FORBIDDEN : LIFETIME;
    }
}
