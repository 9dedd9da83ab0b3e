package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Settles deliveries that another process or another connection received. The caller must have verified that the ack
 * subject was issued by a server.
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

    /**
     * Sends the ack, without confirmation. Blocks for up to {@code sluice.nats.outgoing-wait} while the buffer is full.
     *
     * @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} if NATS is unreachable, {@code OVERLOADED} if the
     *     connection is closed or its buffer is full
     */
    public void tell(AckSubject position, AckType ackType) {
        Connection connection = link.connection();
        try {
            ackType.send(connection, position);
        } catch (IllegalStateException closedOrFull) {
            throw AckType.notTaken(closedOrFull);
        }
    }

    /**
     * Sends the ack as {@link #tell} does and completes, on a thread of the connection or of a timer, when the server confirms
     * that it has read the ack. An ack without a responder is repeated. A confirmation means nothing more: servers also confirm
     * the ack of a message that is already settled. Fails {@code OUTCOME_UNKNOWN} without a reply within {@code timeout},
     * {@code UNAVAILABLE} without a responder for so long, also if the consumer no longer exists, {@code OVERLOADED} as
     * {@link #tell}.
     */
    public Uni<Void> confirmed(AckSubject position, AckType ackType, Duration timeout) {
        return Uni.createFrom().deferred(() -> ackType.confirmed(link, link.connection(), position, timeout));
    }
}
