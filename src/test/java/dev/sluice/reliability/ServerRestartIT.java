package dev.sluice.reliability;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One server is killed and restarted under load. */
class ServerRestartIT {
    private static final Duration SERVING = Duration.ofSeconds(2);

    @Test
    @Tag("slow")
    void losesNothingWhenTheServerIsKilledAndComesBack() {
        through("server-killed-twice", 2);
    }

    @Test
    @Tag("reliability")
    void losesNothingWhenTheServerIsKilledTenTimes() {
        through("server-killed-ten-times", 10);
    }

    private static void through(String name, int times) {
        try (Harness harness = Harness.named(name).start()) {
            harness.usualLoads().orders(5);
            for (int i = 0; i < times; i++) {
                harness.acknowledged(200 + harness.random().nextInt(300));
                harness.killServer(SERVING);
            }
            harness.acknowledged(300);
            harness.finish();
        }
    }
}
