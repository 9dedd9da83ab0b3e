package dev.sluice.nats;

import dev.sluice.failure.SluiceException;
import io.nats.client.Message;

/**
 * A request that waits for replies, see {@link LinkRequests#send(io.nats.client.Connection, PendingRequest, byte[],
 * java.time.Duration)}. Called on a thread of the connection or on the event thread of the link, which must not be blocked.
 * Calls after its end have no effect.
 */
public interface PendingRequest {

    String subject();

    /** Takes the action that releases the request, before it is sent. The request runs it when it ends. */
    void onEnd(Runnable release);

    void reply(Message reply);

    /** Takes the status of a server that knows no responder. */
    default void noResponders(Message reply) {
        reply(reply);
    }

    /** The time is over. Returns whether no reply has arrived. */
    boolean timedOut();

    /** The connection was closed permanently: no reply can arrive, and whether the request was processed is not known. */
    void closed();

    void fail(SluiceException failure);

    /** The connection is lost. Replies may still arrive when it is established again. */
    default void disconnected() {}
}
