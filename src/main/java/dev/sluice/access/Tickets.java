package dev.sluice.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Tickets for event streams: a browser's {@code EventSource} sets no header, and a token does not belong into an address,
 * which ends up in logs and histories. A ticket does, because it is good once, and for half a minute.
 *
 * <p>It is signed and carries its caller, so any replica takes it without having seen it before. Using it writes its
 * number into a bucket that all replicas share, where a number can be created once. The bucket forgets it when the
 * ticket has long been too old, also for a replica whose clock is behind: one that is further behind than
 * {@link #SKEW} finds tickets to come from the future, and takes none.
 */
@Singleton
public final class Tickets {
    static final Duration LIFETIME = Duration.ofSeconds(30);
    static final Duration SKEW = Duration.ofSeconds(10);
    private static final Duration REMEMBERED = Duration.ofMinutes(2);
    private static final long MOST_BYTES_OF_USED_TICKETS = 64L << 20;
    /** A longer one would not fit into a request line. */
    private static final int LONGEST = 3_000;

    private static final byte[] USED = {};
    private static final JsonMapper JSON = new JsonMapper();

    private final HmacSigner signer;
    private final Bucket used;
    private final Roles roles;
    private final Clock clock;

    @Inject
    Tickets(TokenSecret secret, Buckets buckets, Roles roles, AccessConfig config) {
        this(secret, buckets.open(usedTickets(config.ticketReplicas())), roles, Clock.systemUTC());
    }

    Tickets(TokenSecret secret, Bucket used, Roles roles, Clock clock) {
        this.signer = secret.signerFor("ticket");
        this.used = used;
        this.roles = roles;
        this.clock = clock;
    }

    static BucketDefinition usedTickets(int replicas) {
        return new BucketDefinition("sluice_tickets", 1, REMEMBERED, replicas, MOST_BYTES_OF_USED_TICKETS);
    }

    /**
     * A ticket for {@code caller}, who is let in with it as now, and until the same moment.
     *
     * @throws SluiceException {@code TOO_LARGE}, if the caller has more permissions of its own than fit into an address
     */
    public Ticket issue(Caller caller) {
        String text = signer.sign(write(new Content(UUID.randomUUID(), clock.millis(), caller.identity())));
        if (text.length() > LONGEST) {
            throw Failure.TOO_LARGE.because("The permissions in this token do not fit into a ticket: use roles");
        }
        return new Ticket(text, LIFETIME);
    }

    /**
     * Takes the ticket; on a thread of stored publishing. Fails {@code UNAUTHENTICATED} if it is none, too old or was
     * taken before, {@code UNAVAILABLE} while nobody can tell.
     */
    Uni<Caller> redeem(String ticket) {
        Content content =
                signer.verify(ticket).map(Tickets::read).orElseThrow(() -> refused("is none of this service"));
        Instant now = clock.instant();
        Instant issued = Instant.ofEpochMilli(content.issued());
        if (issued.isAfter(now.plus(SKEW))) {
            throw refused("comes from the future");
        }
        if (!now.isBefore(issued.plus(LIFETIME))
                || !now.isBefore(content.identity().end())) {
            throw refused("is too old");
        }
        Caller caller = roles.caller(content.identity());
        return used.create(new BucketKey(content.id().toString()), USED)
                .onFailure(Tickets::wasUsed)
                .transform(again -> refused("was used before"))
                .replaceWith(caller);
    }

    private static boolean wasUsed(Throwable failure) {
        return failure instanceof SluiceException known && known.failure() == Failure.WRONG_SEQUENCE;
    }

    private static SluiceException refused(String why) {
        return Failure.UNAUTHENTICATED.because("The ticket " + why);
    }

    private static byte[] write(Content content) {
        try {
            return JSON.writeValueAsBytes(content);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a ticket is strings and numbers", e);
        }
    }

    private static Content read(byte[] signed) {
        try {
            return JSON.readValue(signed, Content.class);
        } catch (IOException e) {
            throw Failure.UNAUTHENTICATED.because("The ticket is of another version", e);
        }
    }

    /** What a ticket carries. */
    record Content(UUID id, long issued, Identity identity) {}
}
