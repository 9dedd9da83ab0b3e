package dev.sluice.stream.pull;

/**
 * The meaning of a status message for its pull: a closed set.
 *
 * <p>The status code decides. Only 409 has several meanings, which the protocol distinguishes by the description alone,
 * so this is the only place that reads a description. A 409 with an unknown description is {@link #UNKNOWN}, which is
 * safe: all pulls count as lost and are sent again.
 */
enum PullStatus {
    /** 100: no messages, the pull is alive. */
    HEARTBEAT,
    /** 404, 408, 409 Batch Completed: the pull has ended; headers may report its remainder. */
    ENDED,
    /** 409 Message Size Exceeds MaxBytes: the pull has ended because the next message exceeds its remaining bytes. */
    OVERSIZE,
    /** 409 Leadership Change, Server Shutdown: all pulls are lost. */
    LOST,
    /** 409 Exceeded MaxWaiting: too many pulls of all clients are open at this consumer. */
    BUSY,
    /** 409 Exceeded MaxRequest…: the pull exceeds a limit of the consumer, which differs from the known one. */
    LIMITED,
    /** 409 Consumer Deleted: the consumer or its stream was deleted. Before 2.10 possibly only its replica on this server. */
    DELETED,
    /** 409 Consumer is push based. */
    PUSH,
    /** 503: no server serves this consumer now, or it does not exist (server 2.10 and later). */
    NO_RESPONDERS,
    /** 400. */
    BAD_REQUEST,
    /** 412, 423: the consumer requires something that Sluice does not support: an API level or a pinned client. */
    UNSUPPORTED,
    UNKNOWN;

    /**
     * Returns whether a replicated consumer may send this status before messages that it granted to the pull earlier.
     */
    boolean mayOvertakeMessages() {
        return this == ENDED || this == OVERSIZE || this == LOST;
    }

    /** Returns whether the pull had no effect, because the consumer is missing or differs from what was known about it. */
    boolean deniesConsumer() {
        return this == NO_RESPONDERS || this == LIMITED || this == PUSH;
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
