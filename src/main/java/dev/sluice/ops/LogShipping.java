package dev.sluice.ops;

import dev.sluice.nats.CorePublisher;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Publishes the service's own log to {@code logs.sluice.<level>}, so that a new installation has messages to tail. */
@Singleton
final class LogShipping {
    private static final Logger ROOT = Logger.getLogger("");

    private final LogsConfig config;
    private final CorePublisher publisher;
    private final LongAdder dropped = new LongAdder();
    private @Nullable LogShipper shipper;

    @Inject
    LogShipping(LogsConfig config, CorePublisher publisher) {
        this.config = config;
        this.publisher = publisher;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.ship()) {
            shipper = new LogShipper(publisher, config.buffer(), dropped);
            ROOT.addHandler(shipper);
        }
    }

    void stop(@Observes @Priority(1) ShutdownEvent event) {
        LogShipper running = shipper;
        if (running != null) {
            ROOT.removeHandler(running);
            running.close();
        }
    }

    /** Returns the number of records that were not shipped because the buffer was full or NATS was unreachable. */
    long dropped() {
        return dropped.sum();
    }
}
