package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A rogue publisher sends malformed messages and messages that look like status messages. They are not misinterpreted
 * and do not affect other clients.
 */
@Tag("slow")
class PoisonIT {
    private static final List<String> BLOCKS = List.of(
            "NATS/1.0 100 Idle Heartbeat\r\n\r\n",
            "NATS/1.0 404 No Messages\r\n\r\n",
            "NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 1\r\nNats-Pending-Bytes: 1\r\n\r\n",
            "NATS/1.0 409 Consumer Deleted\r\n\r\n",
            "NATS/1.0 409 Leadership Change\r\n\r\n",
            "NATS/1.0 503\r\n\r\n",
            "NATS/1.0\r\nNats-Sequence: 1\r\nNats-Subject: load.x\r\nNats-Stream: OTHER\r\n\r\n",
            "NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\n\r\n",
            "NATS/1.0\r\nA: \u0001\u0002\r\n\r\n",
            "NATS/1.0\r\nÄ Ö: ü\r\n\r\n",
            "NATS/1.0\r\n: nameless\r\n\r\n",
            "NATS/1.0\r\nno colon\r\n\r\n",
            "NATS/1.0\r\nX: " + "x".repeat(60 << 10) + "\r\n\r\n",
            "NATS/1.0\r\n" + "H: v\r\n".repeat(8_000) + "\r\n");

    /** Blocks of {@link #BLOCKS} that jnats cannot read. */
    private static final int FOREIGN = 3;

    private static final int ROUNDS = 10;

    @Test
    void losesNothingToAPublisherOfInvalidHeaders() {
        try (Harness harness = Harness.named("poison").start();
                RawClient rogue = new RawClient(harness.server());
                SseClient tail = SseClient.connected(harness.port(), "?subject=core.rogue&source=core")) {
            harness.usualLoads().orders(5);
            for (int round = 0; round < ROUNDS; round++) {
                poison(rogue);
                harness.acknowledged(50);
            }
            rogue.publish("core.rogue", "the end");
            tail.within(Duration.ofSeconds(30)).until(frame -> frame.data().contains("the end"));
            assertThat(foreignHeaders(harness)).isGreaterThanOrEqualTo((long) FOREIGN * ROUNDS);
            harness.finish();
        }
    }

    private static long foreignHeaders(Harness harness) {
        return Footprint.sum(
                Footprint.metrics(harness.instance(0)), "sluice_nats_events_total{event=\"foreign_headers\"");
    }

    /** Publishes each malformed block on a stored subject, a core subject and the subject of the orders. */
    static void poison(RawClient rogue) {
        for (String block : BLOCKS) {
            rogue.publishBlock("load.rogue", block, "poison");
            rogue.publishBlock("core.rogue", block, "poison");
            rogue.publishBlock("orders.created", block, "{\"order_id\":\"rogue\"}");
        }
        rogue.flush();
    }
}
