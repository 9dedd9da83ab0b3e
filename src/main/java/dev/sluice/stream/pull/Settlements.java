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
public final class Settlements {
    private final NatsLink link;

    @Inject
    public Settlements(NatsLinks links) {
        this(links.publishing());
    }

    Settlements(NatsLink link) {
        this.link = link;
    }

    /** Tells the server at subscription. Fails {@code UNAVAILABLE} or {@code OVERLOADED} where that is not possible now. */
    public Uni<Void> tell(AckSubject position, Verdict verdict) {
        return Uni.createFrom().voidItem().invoke(() -> send(link.connection(), position, verdict));
    }

    /**
     * As {@link #tell}, and completes, on a thread of the connection, when the server has read it. That is all that it
     * says: servers confirm the ack of a message that is settled already, too. Fails {@code OUTCOME_UNKNOWN} without an
     * answer in time, {@code UNAVAILABLE} also where the consumer is gone.
     */
    public Uni<Void> confirmed(AckSubject position, Verdict verdict, Duration timeout) {
        return Uni.createFrom().deferred(() -> verdict.confirmed(link, link.connection(), position, timeout));
    }

    private static void send(Connection connection, AckSubject position, Verdict verdict) {
        try {
            verdict.send(connection, position);
        } catch (IllegalStateException closedOrFull) {
            throw Failure.OVERLOADED.because("The connection to NATS takes no more acks now", closedOrFull);
        }
    }
}
