package dev.sluice.nats;

/** Names of the message headers that NATS servers act on when a message is published. They are case-sensitive. */
public final class NatsHeaders {
    public static final String MESSAGE_ID = "Nats-Msg-Id";
    public static final String EXPECTED_STREAM = "Nats-Expected-Stream";
    public static final String EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence";
    public static final String EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
    public static final String EXPECTED_LAST_MESSAGE_ID = "Nats-Expected-Last-Msg-Id";
    public static final String TTL = "Nats-TTL";
    public static final String ROLLUP = "Nats-Rollup";
    public static final String SCHEDULE = "Nats-Schedule";

    private NatsHeaders() {}
}
