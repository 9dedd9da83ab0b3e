package dev.sluice.reliability;

import static org.awaitility.Awaitility.await;

import dev.sluice.reliability.FaultLog.Scope;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The disk of a server is full. The server does not reply to publishes that it cannot store. It stores again only after
 * a restart.
 */
@Tag("reliability")
class DiskFullIT {
    /** Larger than the disk, so that the disk is full before the server reaches its own limit. */
    private static final String NO_LIMIT = "jetstream { max_file: 100GB }\n";

    private static final Duration SERVING = Duration.ofSeconds(2);

    @Test
    void losesNothingWhenTheDiskIsFullAndTheServerRestartsWithRoom() {
        try (Harness harness =
                Harness.named("disk-full").disk(64 << 20).servers(NO_LIMIT).start()) {
            harness.usualLoads().orders(5);
            harness.acknowledged(300);
            harness.fault(
                    Scope.NATS,
                    "the disk is full",
                    () -> {
                        harness.server().fillDisk();
                        await().atMost(Duration.ofSeconds(60))
                                .until(() -> harness.ledger().answers(503) >= 20);
                    },
                    () -> {
                        harness.server().freeDisk();
                        harness.server().kill();
                        harness.server().start();
                    },
                    SERVING);
            harness.acknowledged(300);
            harness.finish();
        }
    }
}
