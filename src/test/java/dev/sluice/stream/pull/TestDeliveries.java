package dev.sluice.stream.pull;

import io.nats.client.impl.NatsMessage;

/** Deliveries without a server. They cannot be settled. */
public final class TestDeliveries {
    private TestDeliveries() {}

    /** @param pending number of messages that follow */
    public static Delivery of(String subject, byte[] data, long sequence, long pending) {
        AckSubject position = AckSubject.ofFields("S.c.1.%d.%d.%d.%d".formatted(sequence, sequence, sequence, pending))
                .orElseThrow();
        return new Delivery(NatsMessage.builder().subject(subject).data(data).build(), position, null);
    }
}
