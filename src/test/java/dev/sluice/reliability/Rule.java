package dev.sluice.reliability;

/** Rules for every scenario. Each {@link Difference} names the rule that is violated. */
enum Rule {
    /** A 201 or 200 whose message is not stored under the returned sequence. */
    ACKNOWLEDGED_AND_NOT_STORED,
    STORED_TWICE,
    /** A permanently rejected message that is stored. */
    STORED_THOUGH_REFUSED,
    /** A status that no fault explains: anything but success, 503 and 429. */
    UNEXPECTED_ANSWER,
    /** A 503 or 429 without {@code Retry-After}. */
    NO_RETRY_AFTER,
    /** A publish whose outcome is unknown at its deadline although NATS has been available for some time. */
    UNRESOLVED_PUBLISH,
    /** Publishes that are answered 503 or 429 although nothing is broken: more than a busy machine explains. */
    REFUSED_WITHOUT_A_FAULT,
    /** A response after the deadline of a publish. */
    LATE_ANSWER,
    /** No response although the instance was running. */
    NO_ANSWER,
    /** A bulk publish whose response is complete but lacks receipts for some lines. */
    MISSING_RECEIPT,
    /** A stored message that a tail did not receive and did not report with {@code gap} or {@code dropped}. */
    UNTOLD_GAP,
    DOUBLED_EVENT,
    EVENT_OUT_OF_ORDER,
    /** An event for a message that is not stored, or is stored under another sequence. */
    PHANTOM_EVENT,
    /**
     * A tail that sent nothing for too long while messages were acknowledged, and did not report {@code reconnecting}.
     */
    SILENT_TAIL,
    /** A status that makes an EventSource stop reconnecting. */
    REFUSED_TAIL,
    /** A stored message that no worker received. */
    UNSEEN_MESSAGE,
    /** A message that workers received twice without a fault in between. */
    SEEN_TWICE,
    /** A first received delivery with a delivery count above 1, without a fault. */
    DELIVERY_USED_UP,
    /** A fetch that returned no messages although some were available. */
    EMPTY_FETCH,
    /** A redelivery after a confirmed ack, without a fault. */
    ACKED_AND_DELIVERED,
    /** A 202 whose message did not reach the subscriber, without a fault. */
    CORE_MESSAGE_LOST,
    CORE_MESSAGE_DOUBLED,
    /** A 202 of an instance that had answered 503 before because its only server was dead, which it still was. */
    FALSE_ACCEPT,
    /** An accepted order that was not processed in the end. */
    UNPROCESSED_ORDER,
    /** An order status that went backwards or belongs to another order. */
    WRONG_ORDER_STATUS,
    /** A watch that sent an older state of a key after a newer one. */
    WATCH_WENT_BACK,
    /** A watch whose last states are not those of the bucket. */
    WATCH_MISSED_STATE,
    /** A {@code gap} of revisions that the bucket still holds. */
    UNFOUNDED_GAP,
    /** A counter that is not the sum of its acknowledged increments. */
    LOST_INCREMENT,
    /** An object with another content than that of its last upload. */
    WRONG_OBJECT,
    /** Chunks that belong to no object, after the sweep. */
    ORPHAN_CHUNKS,
    /** A recovery that took longer than the limit after the end of a fault. */
    SLOW_RECOVERY,
    /** Resources that grew and were not released. */
    LEAK,
    /** A condition that only one scenario checks. */
    SCENARIO
}
