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
import java.util.function.Predicate;

/**
 * Issues and redeems tickets for tails. A browser's {@code EventSource} cannot set a header, and a token must
 * not be part of a URL, because URLs are stored in logs and browser histories. A ticket may be: it is valid once and
 * for half a minute.
 *
 * <p>A ticket is signed and contains the identity of its caller, so any instance accepts it without having seen it
 * before. Redeeming it creates a key with its id in a bucket that all instances share; a key can be created only once.
 * The bucket keeps the key until the ticket has expired on every instance, also on one whose clock is behind: if it is
 * behind by more than {@link #SKEW}, tickets appear to be from the future and are rejected.
 */
@Singleton
public final class Tickets {
    static final Duration LIFETIME = Duration.ofSeconds(30);
    static final Duration SKEW = Duration.ofSeconds(10);
    private static final Duration REMEMBERED = Duration.ofMinutes(2);
    private static final long MAX_BYTES_OF_USED_TICKETS = 64L << 20;
    /** Maximum length in characters: a longer ticket would not fit into a request line. */
    private static final int MAX_LENGTH = 3_000;

    private static final byte[] USED = {};
    private static final JsonMapper JSON = new JsonMapper();

    private final HmacSigner signer;
    private final Bucket used;
    private final Roles roles;
    private final Predicate<Session> ended;
    private final Clock clock;

    @Inject
    Tickets(TokenSecret secret, Buckets buckets, Roles roles, Sessions sessions, AccessConfig config) {
        this(secret, buckets.open(usedTickets(config.ticketReplicas())), roles, sessions::ended, Clock.systemUTC());
    }

    Tickets(TokenSecret secret, Bucket used, Roles roles, Predicate<Session> ended, Clock clock) {
        this.signer = secret.signerFor("ticket");
        this.used = used;
        this.roles = roles;
        this.ended = ended;
        this.clock = clock;
    }

    static BucketDefinition usedTickets(int replicas) {
        return new BucketDefinition("sluice_tickets", 1, REMEMBERED, replicas, MAX_BYTES_OF_USED_TICKETS);
    }

    /**
     * Issues a ticket for {@code caller}. It carries the same identity with the same expiration time.
     *
     * @throws SluiceException {@code TOO_LARGE} if the permissions in the caller's own token do not fit into a URL
     */
    public Ticket issue(Caller caller) {
        String text = signer.sign(write(new Content(UUID.randomUUID(), clock.millis(), caller.identity())));
        if (text.length() > MAX_LENGTH) {
            throw Failure.TOO_LARGE.because("The permissions in this token are too long for a ticket: use roles");
        }
        return new Ticket(text, LIFETIME);
    }

    /**
     * Redeems {@code ticket} and returns its caller, on a thread of stored publishing. Fails with
     * {@code UNAUTHENTICATED} if the ticket is invalid, expired or already used, or of a session that has ended, and with
     * {@code UNAVAILABLE} if the bucket cannot be reached.
     */
    Uni<Caller> redeem(String ticket) {
        Content content =
                signer.verify(ticket).map(Tickets::read).orElseThrow(() -> refused("was not issued by this service"));
        Instant now = clock.instant();
        Instant issued = Instant.ofEpochMilli(content.issued());
        if (issued.isAfter(now.plus(SKEW))) {
            throw refused("has an issue time in the future; check the clocks of the instances");
        }
        if (!now.isBefore(issued.plus(LIFETIME))
                || !now.isBefore(content.identity().end())) {
            throw refused("is too old");
        }
        Session session = content.identity().session();
        if (session != null && ended.test(session)) {
            throw refused("is of a session that has ended");
        }
        Caller caller = roles.caller(content.identity());
        return used.create(new BucketKey(content.id().toString()), USED)
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .transform(again -> refused("was used before"))
                .replaceWith(caller);
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
            throw Failure.UNAUTHENTICATED.because("The ticket is from another version of Sluice", e);
        }
    }

    /** The content of a ticket. */
    record Content(UUID id, long issued, Identity identity) {}
}
