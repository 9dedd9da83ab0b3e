package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rolling update of two instances. The clients route by readiness, as a load balancer does. The instances are
 * restarted one after the other under load. {@code -Dsluice.before=JAR} starts with another version.
 */
@Tag("slow")
class RollingRestartIT {
    private static final int TAILS = 10;
    private static final int PUBLISHERS = 3;

    private final NatsServer nats = NatsServer.started();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger published = new AtomicInteger();
    private final Set<Integer> stored = ConcurrentHashMap.newKeySet();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final Set<PackagedService> inRotation = ConcurrentHashMap.newKeySet();
    private final List<Tail> tails =
            IntStream.range(0, TAILS).mapToObj(i -> new Tail()).toList();
    private List<PackagedService> instances;
    private volatile boolean over;

    @BeforeEach
    void start(@TempDir Path folder) {
        Path before = Path.of(
                System.getProperty("sluice.before", PackagedService.jar().toString()));
        instances = IntStream.range(0, 2)
                .mapToObj(i -> new PackagedService(
                        before,
                        folder.resolve(i + ".log"),
                        Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open")))
                .toList();
        instances.forEach(PackagedService::awaitReady);
        threads.execute(this::watchReadiness);
        await().atMost(Timeouts.LIMIT).until(() -> inRotation.size() == 2);
    }

    @AfterEach
    void stop() throws InterruptedException {
        over = true;
        tails.forEach(Tail::close);
        threads.shutdownNow();
        assertThat(threads.awaitTermination(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        instances.forEach(PackagedService::close);
        nats.close();
    }

    @Test
    void failsNoRequestAndLosesNoTail() {
        tails.forEach(threads::execute);
        await().atMost(Timeouts.LIMIT).until(() -> tails.stream().allMatch(tail -> tail.connects.get() == 1));
        IntStream.range(0, PUBLISHERS).forEach(i -> threads.execute(this::publish));

        for (PackagedService instance : instances) {
            int before = published.get();
            await().atMost(Timeouts.LIMIT).until(() -> published.get() > before + 50);
            instance.stop();
            instance.start(PackagedService.jar());
            await().atMost(Timeouts.LIMIT.multipliedBy(2)).until(() -> inRotation.contains(instance));
        }

        Set<Integer> sure = Set.copyOf(stored);
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(tails)
                .allSatisfy(tail -> assertThat(tail.seen).containsAll(sure)));
        assertThat(failures).isEmpty();
        assertThat(tails)
                .allSatisfy(tail -> assertThat(tail.endings).isNotEmpty().containsOnly("shutdown"));
    }

    private void watchReadiness() {
        Semaphore pace = new Semaphore(0);
        while (!over) {
            for (PackagedService instance : instances) {
                if (instance.ready()) {
                    inRotation.add(instance);
                } else {
                    inRotation.remove(instance);
                }
            }
            pause(pace, 100);
        }
    }

    private void publish() {
        Semaphore pace = new Semaphore(0);
        while (!over) {
            int number = published.incrementAndGet();
            try {
                HttpResponse<String> answer = publishAtMostTwice(number);
                if (answer.statusCode() == 201) {
                    stored.add(number);
                } else {
                    failures.add(answer.statusCode() + " " + answer.body());
                }
            } catch (InterruptedException ended) {
                return;
            } catch (IOException broken) {
                failures.add(broken.toString());
            }
            pause(pace, 10);
        }
    }

    /** Repeats a request that has crossed the close of an idle connection, which a stopping instance may cause. */
    private HttpResponse<String> publishAtMostTwice(int number) throws IOException, InterruptedException {
        try {
            return publish(number);
        } catch (IOException closed) {
            return publish(number);
        }
    }

    private HttpResponse<String> publish(int number) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(next().uri("/v1/publish/orders.upgrade"))
                        .header("Nats-Msg-Id", Integer.toString(number))
                        .POST(HttpRequest.BodyPublishers.ofString(Integer.toString(number)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private PackagedService next() {
        return await().atMost(Timeouts.LIMIT)
                .until(
                        () -> inRotation.stream()
                                .skip(turn.getAndIncrement() % Math.max(1, inRotation.size()))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static void pause(Semaphore pace, long millis) {
        try {
            pace.tryAcquire(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Behaves like a browser: reconnects when an event stream ends and sends the last event ID. Missed messages arrive
     * immediately, possibly before the status.
     */
    private final class Tail implements Runnable {
        private final AtomicInteger connects = new AtomicInteger();
        private final Set<Integer> seen = ConcurrentHashMap.newKeySet();
        private final List<String> endings = new CopyOnWriteArrayList<>();
        private String last = "";
        private volatile SseClient open;

        @Override
        public void run() {
            while (!over) {
                try (SseClient events = connect()) {
                    read(events);
                }
            }
        }

        /** Tries again while no connection is accepted, as a browser does. */
        private SseClient connect() {
            return await().atMost(Timeouts.LIMIT)
                    .ignoreException(UncheckedIOException.class)
                    .until(
                            () -> SseClient.open(next().port(), "?subject=orders.upgrade&format=raw" + last),
                            Objects::nonNull)
                    .within(Timeouts.LIMIT);
        }

        private void read(SseClient events) {
            open = events;
            try {
                for (SseClient.Frame frame = events.next(); frame != null && !over; frame = events.next()) {
                    take(frame);
                }
            } catch (UncheckedIOException broken) {
                if (!over) {
                    endings.add(broken.toString());
                }
            }
        }

        void close() {
            SseClient current = open;
            if (current != null) {
                current.close();
            }
        }

        private void take(SseClient.Frame frame) {
            frame.field("id").forEach(id -> last = "&last_event_id=" + id);
            if (frame.type().equals("message")) {
                seen.add(Integer.parseInt(frame.data()));
            } else if (frame.type().equals("status") && frame.data().contains("\"connected\"")) {
                connects.incrementAndGet();
            } else if (frame.type().equals("closed")) {
                endings.add(frame.data().replaceAll(".*\"reason\":\"(\\w+)\".*", "$1"));
            }
        }
    }
}
