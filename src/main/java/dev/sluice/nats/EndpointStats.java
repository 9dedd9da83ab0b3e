package dev.sluice.nats;

import java.util.concurrent.atomic.LongAdder;

/** Statistics of one endpoint of a NATS service. */
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

    /** Returns the total processing time of all requests in nanoseconds, each until its reply. */
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
