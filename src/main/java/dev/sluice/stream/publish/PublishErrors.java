package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;

/** The one table from JetStream's error numbers (errors.json of nats-server) to what a refused publish means. */
final class PublishErrors {

    /** Whether the same message may be stored if it is sent again. */
    enum Repeat {
        /** The answer stays the same. */
        NEVER,
        /** It may be a passing state; a second and a third refusal are believed (ADR-22). */
        TWICE,
        /** It is a passing state. */
        UNTIL_DEADLINE
    }

    /**
     * @param failure what to report once it is not repeated any more
     */
    record Meaning(Failure failure, Repeat repeat) {}

    private static final Meaning WRONG_SEQUENCE = new Meaning(Failure.WRONG_SEQUENCE, Repeat.NEVER);
    private static final Meaning TOO_LARGE = new Meaning(Failure.TOO_LARGE, Repeat.NEVER);
    private static final Meaning FULL = new Meaning(Failure.STREAM_FULL, Repeat.NEVER);
    private static final Meaning FULL_OR_STOPPING = new Meaning(Failure.STREAM_FULL, Repeat.TWICE);
    private static final Meaning NOT_SUPPORTED = new Meaning(Failure.NOT_SUPPORTED, Repeat.NEVER);
    private static final Meaning INVALID = new Meaning(Failure.INVALID, Repeat.NEVER);
    private static final Meaning BUSY = new Meaning(Failure.OVERLOADED, Repeat.UNTIL_DEADLINE);
    private static final Meaning AWAY = new Meaning(Failure.UNAVAILABLE, Repeat.UNTIL_DEADLINE);
    private static final Meaning IN_PROCESS = new Meaning(Failure.IN_PROCESS, Repeat.UNTIL_DEADLINE);
    private static final Meaning OFF = new Meaning(Failure.UNAVAILABLE, Repeat.NEVER);

    private PublishErrors() {}

    static Meaning meaning(PubAck.Refused refused) {
        return switch (refused.errorCode()) {
            case 10060, 10070, 10071, 10164, 10180 -> WRONG_SEQUENCE;
            case 10054, 10097 -> TOO_LARGE;
            case 10077 -> FULL_OR_STOPPING;
            case 10002, 10028, 10047 -> FULL;
            case 10109, 10111, 10166, 10168, 10174, 10188, 10205 -> NOT_SUPPORTED;
            case 10165, 10193 -> INVALID;
            case 10167, 10210, 10211 -> BUSY;
            case 10008, 10009, 10023, 10118, 10163, 10176, 10194 -> AWAY;
            case 10158 -> IN_PROCESS;
            case 10035, 10039, 10076 -> OFF;
            default -> byClass(refused.code());
        };
    }

    private static Meaning byClass(int code) {
        if (code == 429) {
            return BUSY;
        }
        return code >= 400 && code < 500 ? INVALID : AWAY;
    }
}
