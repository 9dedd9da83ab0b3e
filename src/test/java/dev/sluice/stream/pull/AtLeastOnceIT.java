package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** At-least-once delivery: messages that a killed process had received but not acked are redelivered. */
class AtLeastOnceIT {
    private static final Duration ACK_WAIT = Duration.ofSeconds(1);

    @Test
    void aProcessKilledBetweenDeliveryAndAckCausesARedelivery() throws Exception {
        try (NatsServer server = NatsServer.started();
                TestPulls test = new TestPulls(server)) {
            test.emptyStream(StorageType.File);
            test.declare(ConsumerConfiguration.builder(test.durable().toConfiguration())
                    .ackWait(ACK_WAIT)
                    .build());
            test.publish(3);

            assertThat(killedAfterFirstDelivery(server)).isEqualTo("1 delivered 1");
            AssertSubscriber<Delivery> successor = test.subscribe(TestPulls.REF, 3);
            successor.awaitItems(3, Timeouts.LIMIT);

            assertThat(successor.getItems())
                    .extracting(Delivery::streamSequence)
                    .containsExactlyInAnyOrder(1L, 2L, 3L);
            assertThat(successor.getItems())
                    .filteredOn(delivery -> delivery.streamSequence() == 1)
                    .extracting(Delivery::delivered)
                    .containsExactly(2L);
            successor.cancel();
        }
    }

    /** Starts a process that receives one message without settling it, and kills it then. */
    private static String killedAfterFirstDelivery(NatsServer server) throws Exception {
        Process consumer = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TakesOne.class.getName(),
                        server.url()))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(consumer.getInputStream(), StandardCharsets.UTF_8))) {
            return output.lines()
                    .filter(line -> line.startsWith(TakesOne.MARK))
                    .map(line -> line.substring(TakesOne.MARK.length()))
                    .findFirst()
                    .orElseThrow();
        } finally {
            consumer.destroyForcibly().waitFor();
        }
    }
}
