package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A reader of the end of a bucket whose markers expire while NATS cannot be reached. */
class StoreFollowerIT {
    private static final Duration MARKERS = Duration.ofSeconds(1);
    /** More than twice the time until the loss of a consumer is noticed. */
    private static final Duration LONG_MARKERS = Duration.ofSeconds(14);

    private final NatsServer server = NatsServer.started();
    private final TcpProxy proxy = TcpProxy.to(server.port());
    private final NatsLinks links = TestLinks.through(proxy.port(), Map.of());
    private final Replay replay = TestReplay.through(links);
    private final AssertSubscriber<StreamMessage> reader = AssertSubscriber.create(10);
    private final AtomicInteger followed = new AtomicInteger();
    private final SubscriptionObserver observer = new SubscriptionObserver() {
        @Override
        public void active() {
            followed.incrementAndGet();
        }

        @Override
        public void interrupted() {}
    };
    private Connection nats;

    @BeforeEach
    void connect() throws Exception {
        nats = Nats.connect(server.url());
        assumeTrue(nats.getServerInfo().isSameOrNewerThanVersion("2.11.0"), "markers need nats-server 2.11");
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.consuming().up() && links.publishing().up());
    }

    @AfterEach
    void close() throws Exception {
        if (followed.get() > 0) {
            reader.cancel();
        }
        nats.close();
        links.close();
        proxy.close();
        server.close();
    }

    @Test
    void failsIfAMarkerMayHaveExpiredMeanwhile() throws Exception {
        create(MARKERS);
        nats.jetStream().publish("$KV.locks.held", new Headers().put("Nats-TTL", "2s"), new byte[1]);
        follow("locks.>");

        proxy.cut();
        proxy.refuse();
        await().atMost(Timeouts.LIMIT).until(() -> stored() == 1);
        proxy.restore();

        reader.awaitFailure(Timeouts.LIMIT).assertFailedWith(FellBehindException.class);
        assertThat(reader.getItems()).isEmpty();
    }

    @Test
    void goesOnIfNothingWasStoredMeanwhile() throws Exception {
        create(MARKERS);
        follow("locks.>");
        int before = followed.get();

        proxy.refuse();
        Instant late = Instant.now().plus(MARKERS);
        await().atMost(Timeouts.LIMIT).until(() -> Instant.now().isAfter(late));
        proxy.restore();
        await().atMost(Timeouts.LIMIT).until(() -> followed.get() > before);
        nats.jetStream().publish("$KV.locks.b", new byte[1]);

        reader.awaitItems(1, Timeouts.LIMIT).assertNotTerminated();
    }

    @Test
    @Tag("slow")
    void goesOnAfterTheLossOfAConsumerThatHadLongHadNothingToSend() throws Exception {
        create(LONG_MARKERS);
        follow("locks.quiet");
        Instant late = Instant.now().plus(LONG_MARKERS.dividedBy(2)).plusSeconds(1);
        await().atMost(Timeouts.LIMIT).until(() -> {
            nats.jetStream().publish("$KV.locks.busy", new byte[1]);
            return Instant.now().isAfter(late);
        });

        for (String consumer : nats.jetStreamManagement().getConsumerNames("KV_locks")) {
            nats.jetStreamManagement().deleteConsumer("KV_locks", consumer);
        }
        nats.jetStream().publish("$KV.locks.quiet", new byte[1]);

        reader.awaitItems(1, Timeouts.LIMIT).assertNotTerminated();
    }

    private void create(Duration markers) throws Exception {
        nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("KV_locks")
                        .subjects("$KV.locks.>")
                        .maxMessagesPerSubject(1)
                        .allowMessageTtl()
                        .subjectDeleteMarkerTtl(markers)
                        .build());
        nats.jetStream().publish("$KV.locks.b", new byte[1]);
    }

    private void follow(String keys) throws Exception {
        StreamState now = replay.state("KV_locks").await().atMost(Timeouts.LIMIT);
        Selection selection =
                new Selection("KV_locks", now.epoch(), "$KV.", SubjectSet.of(List.of(new SubjectPattern(keys))));
        replay.follow(selection, now.last(), now.lastTime(), observer)
                .subscribe()
                .withSubscriber(reader);
        await().atMost(Timeouts.LIMIT).until(() -> followed.get() > 0);
    }

    private long stored() throws Exception {
        return nats.jetStreamManagement()
                .getStreamInfo("KV_locks")
                .getStreamState()
                .getMsgCount();
    }
}
