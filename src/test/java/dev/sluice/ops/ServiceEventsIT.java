package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubscribeConfig;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each service event is logged and counted. */
class ServiceEventsIT {

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger log = Logger.getLogger(ServiceEvents.class.getName());
    private final Handler listening = new Listening(lines);
    private final ServiceEvents events = new ServiceEvents(
            Settings.of(ServiceEventsConfig.class, Map.of()),
            new CoreSubscriptions(links, Settings.of(SubscribeConfig.class, Map.of())));

    @BeforeEach
    void watch() {
        log.addHandler(listening);
        AtomicBoolean active = new AtomicBoolean();
        events.watch(new SubscriptionObserver() {
            @Override
            public void active() {
                active.set(true);
            }

            @Override
            public void interrupted() {
                active.set(false);
            }
        });
        await().atMost(Timeouts.LIMIT).until(active::get);
    }

    @AfterEach
    void stop() {
        events.stop(null);
        log.removeHandler(listening);
        links.close();
        server.close();
    }

    @Test
    void logsAndCountsEachEventOfAService() {
        try (RawClient raw = new RawClient(server)) {
            raw.publish("service.orders.events", "started");
            raw.publish("service.orders.internal.events", "not ours");
            raw.publish("service.billing.events", "stopped");
            raw.flush();
        }

        await().atMost(Timeouts.LIMIT).until(() -> events.seen() == 2);
        assertThat(lines).containsExactly("service.orders.events: started", "service.billing.events: stopped");
    }

    @Test
    void logsAnEventWithLineBreaksAsOneLine() {
        try (RawClient raw = new RawClient(server)) {
            raw.publish("service.orders.events", "one\nERROR forged " + "x".repeat(10_000));
            raw.flush();
        }

        await().atMost(Timeouts.LIMIT).until(() -> events.seen() == 1);
        assertThat(lines.get(0))
                .startsWith("service.orders.events: one ERROR forged")
                .hasSizeLessThan(600);
    }

    private static final class Listening extends Handler {
        private final List<String> heard;

        Listening(List<String> heard) {
            this.heard = heard;
        }

        @Override
        public void publish(LogRecord logRecord) {
            heard.add(((ExtLogRecord) logRecord).getFormattedMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
