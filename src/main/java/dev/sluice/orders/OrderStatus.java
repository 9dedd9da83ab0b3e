package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The processing status of an order. */
public enum OrderStatus {
    /** Stored; no worker has received it yet. */
    RECEIVED,
    /** A worker processes it, or it waits for a redelivery. */
    PROCESSING,
    /** Processed; the status is final. */
    PROCESSED,
    /** Rejected because of its content; a dead letter has the reason. */
    REJECTED,
    /** Failed too many times; a dead letter has the reason. */
    DEAD;

    /** Returns whether further deliveries of the same message do not change this status. */
    public boolean settled() {
        return this == PROCESSED || this == REJECTED || this == DEAD;
    }

    /**
     * Returns whether {@code next} may follow this status. A rejected or dead order can only be processed again, by a
     * redrive.
     */
    public boolean mayBecome(OrderStatus next) {
        return followers().contains(next);
    }

    private Set<OrderStatus> followers() {
        return switch (this) {
            case RECEIVED, PROCESSING -> EnumSet.of(PROCESSING, PROCESSED, REJECTED, DEAD);
            case PROCESSED -> EnumSet.noneOf(OrderStatus.class);
            case REJECTED, DEAD -> EnumSet.of(PROCESSING);
        };
    }

    /** Returns the name used in the API. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static OrderStatus of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
