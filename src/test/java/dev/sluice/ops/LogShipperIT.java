package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishing of the service's log by level. The shipper logs nothing about itself. */
class LogShipperIT {

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final LongAdder dropped = new LongAdder();
    private LogShipper shipper;

    @BeforeEach
    void start() {
        await().atMost(Timeouts.LIMIT).until(() -> links.publishing().up());
        shipper = new LogShipper(new CorePublisher(links), 8, dropped);
    }

    @AfterEach
    void stop() {
        shipper.close();
        links.close();
        server.close();
    }

    @Test
    void shipsEachRecordToTheSubjectOfItsLevel() throws Exception {
        try (Connection nats = Nats.connect(server.url())) {
            Subscription tail = nats.subscribe("logs.>");
            nats.flush(Timeouts.LIMIT);

            for (Level level : List.of(Level.FATAL, Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE)) {
                shipper.publish(logRecord(level, "something happened"));
            }

            for (String expected : List.of("error", "error", "warn", "info", "debug", "debug")) {
                Message message = tail.nextMessage(Timeouts.LIMIT);
                assertThat(message.getSubject()).isEqualTo("logs.sluice." + expected);
                assertThat(new String(message.getData(), StandardCharsets.UTF_8))
                        .contains("[some.logger]", "something happened");
            }
        }
    }

    @Test
    void countsRecordsThatItCannotPublishAndLogsNothingAboutThem() {
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !links.publishing().up());
        List<LogRecord> logged = new CopyOnWriteArrayList<>();
        Handler listening = new Listening(logged);
        Logger root = Logger.getLogger("");
        root.addHandler(listening);
        try {
            for (int i = 0; i < 100; i++) {
                shipper.publish(logRecord(Level.INFO, "lost"));
            }
            await().atMost(Timeouts.LIMIT).until(() -> dropped.sum() == 100);
        } finally {
            root.removeHandler(listening);
        }
        assertThat(logged).noneMatch(each -> each.getLoggerName().startsWith("dev.sluice.ops"));
    }

    private static ExtLogRecord logRecord(Level level, String message) {
        ExtLogRecord logRecord = new ExtLogRecord(level, message, LogShipperIT.class.getName());
        logRecord.setLoggerName("some.logger");
        return logRecord;
    }

    private static final class Listening extends Handler {
        private final List<LogRecord> heard;

        Listening(List<LogRecord> heard) {
            this.heard = heard;
        }

        @Override
        public void publish(LogRecord logRecord) {
            heard.add(logRecord);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
