package dev.sluice.reliability;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Clients that each make one request after the other, in a thread of their own. */
abstract class ThreadLoad implements Load {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int PAUSE_MILLIS = 100;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Ledger ledger;
    private final int port;
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<Thread> threads;

    ThreadLoad(Ledger ledger, int port, int clients) {
        this.ledger = ledger;
        this.port = port;
        threads = IntStream.range(0, clients)
                .mapToObj(client -> new Thread(() -> run(client), getClass().getSimpleName() + client))
                .toList();
    }

    /** Makes the next requests of one client. A request without an answer ends this turn. */
    abstract void turn(int client) throws IOException, InterruptedException;

    final Ledger ledger() {
        return ledger;
    }

    final HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(TIMEOUT);
    }

    /** Returns the answer; 412 and 404 are for the caller to judge. */
    final <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        HttpResponse<T> answer = http.send(request, body);
        if (answer.statusCode() != 404 && answer.statusCode() != 412) {
            ledger.answered(
                    request.method() + " " + request.uri().getPath(),
                    answer.statusCode(),
                    answer.headers().firstValue("Retry-After").isPresent());
        }
        return answer;
    }

    static boolean done(HttpResponse<?> answer) {
        return answer.statusCode() / 100 == 2;
    }

    final boolean running() {
        return over.getCount() > 0;
    }

    final void pause() throws InterruptedException {
        over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void run(int client) {
        try {
            while (running()) {
                long began = ledger.now();
                try {
                    turn(client);
                } catch (IOException cut) {
                    ledger.broke(getClass().getSimpleName(), String.valueOf(cut), began);
                    pause();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void start() {
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    @Override
    public void stop() {
        over.countDown();
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean produces() {
        return true;
    }
}
