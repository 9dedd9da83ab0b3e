package dev.sluice.reliability;

/** What must hold in every scenario. A difference names the rule that it breaks. */
enum Rule {
    /** A 201 or 200 whose message is not stored under the sequence that it named. */
    ACKNOWLEDGED_AND_NOT_STORED,
    STORED_TWICE,
    /** Refused for good, and stored all the same. */
    STORED_THOUGH_REFUSED,
    /** A status that no fault makes right: anything but success, 503 and 429. */
    UNEXPECTED_ANSWER,
    /** A 503 or 429 that does not say when to come back. */
    NO_RETRY_AFTER,
    /** A publish whose outcome stayed unknown until its deadline, although NATS had been back for long. */
    UNRESOLVED_PUBLISH,
    /** An answer later than the deadline of a publish. */
    LATE_ANSWER,
    /** No answer at all while the instance lived. */
    NO_ANSWER,
    /** A bulk publish whose answer ended as if it were whole, with lines that got no receipt. */
    MISSING_RECEIPT,
    /** A stored message that a tail did not see, and of which neither `gap` nor `dropped` told. */
    UNTOLD_GAP,
    DOUBLED_EVENT,
    EVENT_OUT_OF_ORDER,
    /** An event of what is not stored, or is stored under another sequence. */
    PHANTOM_EVENT,
    /** A tail that said nothing for too long while messages were acknowledged, and did not say `reconnecting`. */
    SILENT_TAIL,
    /** A status that ends an EventSource for good. */
    REFUSED_TAIL,
    /** A stored message that no worker got. */
    UNSEEN_MESSAGE,
    /** Two sights of one message where nothing broke in between. */
    SEEN_TWICE,
    /** A first sight that is not the first delivery, where nothing broke. */
    DELIVERY_USED_UP,
    /** An answer without messages to a fetch while some were to be had. */
    EMPTY_FETCH,
    /** Delivered again after a confirmed ack, where nothing broke. */
    ACKED_AND_DELIVERED,
    /** A 202 whose message nobody got, where nothing broke. */
    CORE_MESSAGE_LOST,
    CORE_MESSAGE_DOUBLED,
    /** An order that was accepted and did not end as processed. */
    UNPROCESSED_ORDER,
    /** An order's status that went back, or that tells of another order. */
    WRONG_ORDER_STATUS,
    /** Service came back later than promised after a fault had ended. */
    SLOW_RECOVERY,
    /** What grew and did not come back. */
    LEAK,
    /** What only one scenario looks at. */
    SCENARIO
}
