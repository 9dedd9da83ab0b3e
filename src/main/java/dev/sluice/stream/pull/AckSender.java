package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Settles deliveries that were made elsewhere: by another process, over another connection. Whoever calls has made sure
 * that the ack subject is one that a server gave out.
 */
@Singleton
public final class AckSender {
    private final NatsLink link;

    @Inject
    public AckSender(NatsLinks links) {
        this(links.publishing());
    }

    AckSender(NatsLink link) {
        this.link = link;
    }

    /** Tells the server at subscription. Fails {@code UNAVAILABLE} or {@code OVERLOADED} where that is not possible now. */
    public Uni<Void> tell(AckSubject position, AckType ackType) {
        return Uni.createFrom().voidItem().invoke(() -> send(link.connection(), position, ackType));
    }

    /**
     * As {@link #tell}, and completes, on a thread of the connection, when the server has read it. That is all that it
     * says: servers confirm the ack of a message that is settled already, too. Fails {@code OUTCOME_UNKNOWN} without an
     * answer in time, {@code UNAVAILABLE} also where the consumer is gone.
     */
    public Uni<Void> confirmed(AckSubject position, AckType ackType, Duration timeout) {
        return Uni.createFrom().deferred(() -> ackType.confirmed(link, link.connection(), position, timeout));
    }

    private static void send(Connection connection, AckSubject position, AckType ackType) {
        try {
            ackType.send(connection, position);
        } catch (IllegalStateException closedOrFull) {
            throw Failure.OVERLOADED.because("The connection to NATS takes no more acks now", closedOrFull);
        }
    }
}
