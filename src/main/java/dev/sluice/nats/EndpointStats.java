package dev.sluice.nats;

import java.util.concurrent.atomic.LongAdder;

/** What an endpoint has done so far, as a NATS service reports it. */
final class EndpointStats {
    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private volatile String lastError = "";

    void served(long startedAt) {
        requests.increment();
        nanos.add(System.nanoTime() - startedAt);
    }

    void failed(long startedAt, ServiceError error) {
        served(startedAt);
        errors.increment();
        lastError = error.code() + ":" + error.description();
    }

    long requests() {
        return requests.sum();
    }

    long errors() {
        return errors.sum();
    }

    /** Nanoseconds spent on all requests, until each was answered. */
    long processingTime() {
        return nanos.sum();
    }

    long averageProcessingTime() {
        long served = requests();
        return served == 0 ? 0 : processingTime() / served;
    }

    String lastError() {
        return lastError;
    }
}
