package dev.sluice.reliability;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that set and delete keys of a bucket. */
final class KeyLoad extends ThreadLoad {
    private static final int KEYS = 50;
    private static final int DELETIONS = 10;

    private final AtomicLong written = new AtomicLong();

    KeyLoad(Ledger ledger, int port, int clients) {
        super(ledger, port, clients);
    }

    @Override
    void turn(int client) throws IOException, InterruptedException {
        Random random = new Random(written.get() * 31 + client);
        HttpRequest.Builder request = request("/v1/buckets/" + StateStores.BUCKET + "/keys/k/" + random.nextInt(KEYS));
        HttpRequest write = random.nextInt(DELETIONS) == 0
                ? request.DELETE().build()
                : request.PUT(BodyPublishers.ofString(Long.toString(random.nextLong())))
                        .build();
        if (done(send(write, BodyHandlers.discarding()))) {
            written.incrementAndGet();
        } else {
            pause();
        }
    }

    @Override
    public String toString() {
        return "Keys: " + written + " written";
    }
}
