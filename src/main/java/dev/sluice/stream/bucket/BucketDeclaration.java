package dev.sluice.stream.bucket;

import dev.sluice.nats.LinkListener;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a bucket exists as defined: whenever NATS comes up, again after a pause when that failed, and when
 * somebody found it gone. It creates and updates, and never deletes.
 */
final class BucketDeclaration implements LinkListener {
    private static final Logger LOG = Logger.getLogger(BucketDeclaration.class);

    private final BucketDefinition definition;
    private final BucketApi api;
    private final Executor afterPause;
    private final CompletableFuture<Void> firstTime = new CompletableFuture<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable Connection connection;
    private volatile boolean inForce;

    BucketDeclaration(BucketDefinition definition, BucketApi api, Duration pause) {
        this.definition = definition;
        this.api = api;
        this.afterPause = CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void up(Connection current) {
        connection = current;
        declare();
    }

    @Override
    public void down() {
        connection = null;
    }

    /** Whether the server has the bucket as defined, as far as is known. */
    boolean inForce() {
        return inForce;
    }

    /** Completes when the bucket was declared for the first time. */
    CompletionStage<Void> firstTime() {
        return firstTime.minimalCompletionStage();
    }

    /** Somebody found the bucket gone. */
    void doubted() {
        inForce = false;
        declare();
    }

    private void declare() {
        Connection current = connection;
        if (current != null && asking.compareAndSet(false, true)) {
            declared(current).whenComplete((done, failure) -> {
                asking.set(false);
                if (failure == null) {
                    inForce = true;
                    firstTime.complete(null);
                } else {
                    inForce = false;
                    LOG.warnf("The bucket %s is not as declared: %s", definition.name(), failure.getMessage());
                    afterPause.execute(this::declare);
                }
            });
        }
    }

    private CompletionStage<?> declared(Connection current) {
        return api.configuration(current, definition.stream())
                .thenCompose(existing -> existing.<CompletionStage<?>>map(is -> {
                            var wanted = definition.updated(is);
                            return wanted.toJson().equals(is.toJson())
                                    ? CompletableFuture.completedStage(is)
                                    : api.update(current, wanted);
                        })
                        .orElseGet(() -> api.create(current, definition.created())));
    }
}
