package dev.sluice.nats;

/** A reply to a request with several replies, or the end of the request, which is the last item. */
public sealed interface ManyReply {

    /** A reply. */
    record Reply(InboundMessage message) implements ManyReply {}

    /**
     * The end of the request.
     *
     * @param replies the number of replies
     */
    record End(Reason reason, long replies) implements ManyReply {}

    /** Why no reply follows. */
    enum Reason {
        MAX,
        STALL,
        TIMEOUT,
        /** A responder has sent an empty message, which means that no reply follows (ADR-47). */
        SENTINEL,
        NO_RESPONDERS
    }
}
