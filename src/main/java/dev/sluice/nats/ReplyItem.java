package dev.sluice.nats;

/** A reply to a request with several replies, or the end of the request, which is the last item. */
public sealed interface ReplyItem {

    /** A reply. */
    record Reply(InboundMessage message) implements ReplyItem {}

    /**
     * The end of the request.
     *
     * @param replies the number of replies
     */
    record End(Reason reason, long replies) implements ReplyItem {}

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
