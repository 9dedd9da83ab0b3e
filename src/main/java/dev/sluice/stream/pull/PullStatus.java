package dev.sluice.stream.pull;

/**
 * What a status message says about the pull that it answers: a closed set.
 *
 * <p>The code decides. Only 409 has several meanings that nothing but the description tells apart: the protocol gives
 * them no code of their own, so this is the one place that reads a description. A 409 with an unknown one is
 * {@link #UNKNOWN}, which is safe: all pulls count as lost and are sent anew.
 */
enum PullStatus {
    /** 100: nothing to deliver, the pull lives. */
    HEARTBEAT,
    /** 404, 408, 409 Batch Completed: this pull is over, what it left is in the headers. */
    ENDED,
    /** 409 Message Size Exceeds MaxBytes: over, because the next message does not fit in what it left of its bytes. */
    OVERSIZE,
    /** 409 Leadership Change, Server Shutdown: no pull survives it. */
    LOST,
    /** 409 Exceeded MaxWaiting: too many pulls are open at this consumer, by all who use it. */
    BUSY,
    /** 409 Exceeded MaxRequest…: over a limit of the consumer that is not the one we know. */
    LIMITED,
    /** 409 Consumer Deleted, also when its stream was. */
    DELETED,
    /** 409 Consumer is push based. */
    PUSH,
    /** 503: nobody serves this consumer now, or it is missing (server 2.10 and newer). */
    NO_RESPONDERS,
    /** 400. */
    BAD_REQUEST,
    /** 412, 423: the consumer wants what Sluice does not speak, an API level or a pinned client. */
    UNSUPPORTED,
    UNKNOWN;

    /** Whether messages that the pull was granted before may come after this status, from a replicated consumer. */
    boolean mayOvertakeMessages() {
        return this == ENDED || this == OVERSIZE || this == LOST;
    }

    static PullStatus of(int code, String description) {
        return switch (code) {
            case 100 -> HEARTBEAT;
            case 404, 408 -> ENDED;
            case 409 -> conflict(description);
            case 503 -> NO_RESPONDERS;
            case 400 -> BAD_REQUEST;
            case 412, 423 -> UNSUPPORTED;
            default -> UNKNOWN;
        };
    }

    private static PullStatus conflict(String description) {
        if (description.startsWith("Exceeded MaxRequest")) {
            return LIMITED;
        }
        return switch (description) {
            case "Batch Completed" -> ENDED;
            case "Message Size Exceeds MaxBytes" -> OVERSIZE;
            case "Leadership Change", "Server Shutdown" -> LOST;
            case "Exceeded MaxWaiting" -> BUSY;
            case "Consumer Deleted" -> DELETED;
            case "Consumer is push based" -> PUSH;
            default -> UNKNOWN;
        };
    }
}
