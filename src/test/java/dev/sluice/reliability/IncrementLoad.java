package dev.sluice.reliability;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that increment one number by compare-and-set, as often as they can. */
final class IncrementLoad extends ThreadLoad {
    private static final String KEY = "/v1/buckets/" + StateStores.BUCKET + "/keys/" + StateStores.COUNTER;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    IncrementLoad(Ledger ledger, int port, int clients) {
        super(ledger, port, clients);
    }

    @Override
    void turn(int client) throws IOException, InterruptedException {
        HttpResponse<String> read = send(request(KEY).build(), BodyHandlers.ofString());
        if (!done(read)) {
            pause();
            return;
        }
        String tag = read.headers().firstValue("ETag").orElseThrow();
        String next = Long.toString(Long.parseLong(read.body()) + 1);
        boolean answered = false;
        try {
            HttpResponse<Void> written = send(
                    request(KEY)
                            .header("If-Match", tag)
                            .PUT(BodyPublishers.ofString(next))
                            .build(),
                    BodyHandlers.discarding());
            answered = true;
            count(written.statusCode());
        } finally {
            if (!answered) {
                unknown.incrementAndGet();
            }
        }
    }

    /** Counts an increment that was answered with {@code status}. */
    void count(int status) throws InterruptedException {
        switch (status) {
            case 200, 201 -> acknowledged.incrementAndGet();
            case 412 -> lost.incrementAndGet();
            case 429 -> pause();
            default -> {
                unknown.incrementAndGet();
                pause();
            }
        }
    }

    /** Compares the number with the acknowledged increments, and those of unknown outcome. */
    void compare(long number) {
        if (number < acknowledged.get() || number > acknowledged.get() + unknown.get()) {
            ledger().found(Rule.LOST_INCREMENT, "the number is " + number + " after " + this);
        }
    }

    @Override
    public String toString() {
        return "Increments: " + acknowledged + " acknowledged, " + unknown + " of unknown outcome, " + lost
                + " that another one was faster than";
    }
}
