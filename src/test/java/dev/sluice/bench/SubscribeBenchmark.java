package dev.sluice.bench;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubscribeConfig;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.smallrye.mutiny.subscription.Cancellable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Compares a core subscription with Sluice's {@code Multi} and with a plain jnats dispatcher, in alternating rounds on
 * the same connection and server. A socket that repeats the same bytes publishes the messages, so that publishing costs
 * this process very little. Prints messages per second, and bytes allocated and CPU time per message, as medians of the
 * rounds. Run manually with {@code -Dnats.server=PATH}; the only argument is the number of rounds.
 */
public final class SubscribeBenchmark {
    private static final int MESSAGES = 1_000_000;
    private static final int BURST = 1000;
    /** Maximum number of messages pending at the server for the subscriber, well below its slow-consumer limit. */
    private static final int AHEAD = 50_000;

    private static final int SIZE = 128;
    private static final String SUBJECT = "bench.item";

    private final Connection connection;
    private final CoreSubscriptions subscriptions;
    private final OutputStream publisher;
    private final byte[] burst = ("PUB " + SUBJECT + " " + SIZE + "\r\n" + "x".repeat(SIZE) + "\r\n")
            .repeat(BURST)
            .getBytes(StandardCharsets.US_ASCII);

    private SubscribeBenchmark(NatsLinks links, OutputStream publisher) {
        this.connection = links.consuming().connection();
        this.subscriptions = new CoreSubscriptions(links, Settings.of(SubscribeConfig.class, Map.of()));
        this.publisher = publisher;
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        try (NatsServer server = NatsServer.started();
                NatsLinks links = TestLinks.to(server);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            Awaitility.await().until(links.consuming()::up);
            OutputStream publisher = socket.getOutputStream();
            publisher.write("CONNECT {\"verbose\":false}\r\n".getBytes(StandardCharsets.US_ASCII));
            SubscribeBenchmark benchmark = new SubscribeBenchmark(links, publisher);
            new Comparison(
                            "dispatcher",
                            () -> benchmark.measure(benchmark::dispatch),
                            "Multi",
                            () -> benchmark.measure(benchmark::subscribe))
                    .run(rounds);
        }
    }

    private Figures measure(Side side) throws Exception {
        AtomicInteger received = new AtomicInteger();
        AutoCloseable running = side.run(received);
        connection.flush(Duration.ofSeconds(10));
        Awaitility.await().until(() -> {
            publisher.write(burst);
            return received.get() > 0;
        });
        Awaitility.await().during(Duration.ofMillis(100)).until(() -> received.get() % BURST == 0);
        received.set(0);
        System.gc();

        Usage before = Usage.now();
        for (int sent = 0; sent < MESSAGES; sent += BURST) {
            while (sent - received.get() > AHEAD) {
                LockSupport.parkNanos(10_000);
            }
            publisher.write(burst);
        }
        while (received.get() < MESSAGES) {
            LockSupport.parkNanos(10_000);
        }
        Figures figures = before.perMessage(MESSAGES);
        running.close();
        return figures;
    }

    private AutoCloseable dispatch(AtomicInteger received) {
        Dispatcher dispatcher = connection.createDispatcher(message -> received.incrementAndGet());
        dispatcher.setPendingLimits(0, 0);
        dispatcher.subscribe(SUBJECT);
        return () -> connection.closeDispatcher(dispatcher);
    }

    private AutoCloseable subscribe(AtomicInteger received) {
        Cancellable running = subscriptions
                .subscribe(new SubjectPattern(SUBJECT))
                .subscribe()
                .with(message -> received.incrementAndGet());
        return running::cancel;
    }

    private interface Side {
        AutoCloseable run(AtomicInteger received) throws IOException;
    }
}
