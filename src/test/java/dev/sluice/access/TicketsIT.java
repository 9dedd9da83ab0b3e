package dev.sluice.access;

import static dev.sluice.stream.bucket.TestBuckets.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.Subject;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.TestBuckets;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.quarkus.runtime.LaunchMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tickets at two instances that share a secret and a NATS server. Each instance has its own clock. */
class TicketsIT {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Identity SOMEBODY = new Identity(
            "somebody", "somebody", Set.of("web"), "", NOW.plusSeconds(3600).getEpochSecond(), null);

    private static NatsServer server;
    private static TestBuckets buckets;
    private static Bucket used;

    private final AccessConfig config = Settings.of(
            AccessConfig.class,
            Map.of(
                    "sluice.access.token-secret",
                    "0123456789abcdef0123456789abcdef",
                    "sluice.access.roles.web.subscribe.allow",
                    "logs.web.>"));
    private final Roles roles = new Roles(config);
    private final Set<Session> ended = new HashSet<>();
    private final TestClock clock = new TestClock();
    private final TestClock otherClock = new TestClock();
    private final Tickets instance = instance(clock);
    private final Tickets otherInstance = instance(otherClock);
    private final String ticket = instance.issue(roles.caller(SOMEBODY)).text();

    @BeforeAll
    static void start() {
        server = NatsServer.started();
        buckets = new TestBuckets(server);
        used = buckets.declared(Tickets.usedTickets(1));
    }

    @AfterAll
    static void stop() {
        buckets.close();
        server.close();
    }

    @Test
    void isValidAtAnotherInstance() {
        Caller caller = await(otherInstance.redeem(ticket));

        caller.require(Verb.SUBSCRIBE, new Subject("logs.web.info"));
        assertThat(caller.name()).isEqualTo("somebody");
        assertThat(caller.until()).isEqualTo(SOMEBODY.end());
    }

    @Test
    void isValidOnce() {
        await(instance.redeem(ticket));

        rejects(instance, ticket, "used before");
    }

    @Test
    void isValidOnceAcrossAllInstances() {
        await(instance.redeem(ticket));

        rejects(otherInstance, ticket, "used before");
    }

    @Test
    void isValidFor30Seconds() {
        clock.forward(Duration.ofSeconds(29));

        assertThat(await(instance.redeem(ticket)).name()).isEqualTo("somebody");
    }

    @Test
    void isExpiredAfter31Seconds() {
        clock.forward(Duration.ofSeconds(31));

        rejects(instance, ticket, "too old");
    }

    @Test
    void expiresWithItsIdentity() {
        Identity ending =
                new Identity("brief", "brief", Set.of(), "", NOW.plusSeconds(5).getEpochSecond(), null);
        String brief = instance.issue(roles.caller(ending)).text();

        clock.forward(Duration.ofSeconds(6));

        rejects(instance, brief, "too old");
    }

    @Test
    void endsWithTheSessionOfItsCaller() {
        Session session = new Session("session", "user", 1_000);
        Identity visitor = new Identity(
                "visitor", "visitor", Set.of("web"), "", NOW.plusSeconds(3600).getEpochSecond(), session);
        String ofSession = instance.issue(roles.caller(visitor)).text();

        ended.add(session);

        rejects(instance, ofSession, "session that has ended");
    }

    @Test
    void isRejectedByAnInstanceWhoseClockIsFarBehind() {
        otherClock.forward(Duration.ofSeconds(-11));

        rejects(otherInstance, ticket, "future");
    }

    @Test
    void isRejectedWithAnyCharacterChanged() {
        rejects(instance, ticket.substring(0, 10) + "A" + ticket.substring(11) + "A", "not issued by this service");
    }

    @Test
    void isNotAnAckToken() {
        String acking =
                new TokenSecret(config, LaunchMode.TEST).signerFor("ack").sign(new byte[] {1});

        rejects(instance, acking, "not issued by this service");
    }

    private static void rejects(Tickets instance, String ticket, String why) {
        assertThatThrownBy(() -> await(instance.redeem(ticket)))
                .isInstanceOf(SluiceException.class)
                .hasMessageContaining(why)
                .extracting(failure -> ((SluiceException) failure).failure())
                .isEqualTo(Failure.UNAUTHENTICATED);
    }

    private Tickets instance(Clock clock) {
        return new Tickets(new TokenSecret(config, LaunchMode.TEST), used, roles, ended::contains, clock);
    }

    private static final class TestClock extends Clock {
        private Instant now = NOW;

        void forward(Duration span) {
            now = now.plus(span);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
