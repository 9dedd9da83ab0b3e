package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Where an order is on its way. */
public enum OrderStatus {
    /** Stored; no worker has seen it. */
    RECEIVED,
    /** A worker has it, or had it and will get it again. */
    PROCESSING,
    /** Done; nothing changes it any more. */
    PROCESSED,
    /** Refused for what it is; a dead letter says why. */
    REJECTED,
    /** Failed too often; a dead letter says why. */
    DEAD;

    /** Whether no delivery of the same message changes it any more. */
    public boolean settled() {
        return this == PROCESSED || this == REJECTED || this == DEAD;
    }

    /** Whether {@code next} may follow. An order leaves the dead letters only by a redrive, which processes it again. */
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

    /** As the contract writes it. */
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static OrderStatus of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
