package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.nats.LinkListener;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.topology.DeclarationReconciler;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Creates or updates the stream of a bucket: on every connect, after a pause when that failed, and when an operation
 * finds the bucket missing or unavailable. Never deletes.
 */
final class BucketDeclaration implements LinkListener, BucketPresence {
    private static final Logger LOG = Logger.getLogger(BucketDeclaration.class);

    private final BucketDefinition definition;
    private final DeclarationReconciler reconciler;
    private final Duration pause;
    private final CompletableFuture<Void> firstTime = new CompletableFuture<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile boolean connected;
    private volatile boolean inForce;

    BucketDeclaration(BucketDefinition definition, JetStreamApi api, Duration pause) {
        this.definition = definition;
        this.reconciler = new DeclarationReconciler(api);
        this.pause = pause;
    }

    @Override
    public void up(Connection current) {
        connected = true;
        declare();
    }

    @Override
    public void down() {
        connected = false;
    }

    @Override
    public boolean inForce() {
        return inForce;
    }

    @Override
    public CompletionStage<Void> firstTime() {
        return firstTime.minimalCompletionStage();
    }

    /** Declares the bucket again. */
    @Override
    public Uni<Throwable> explain(Throwable failure) {
        inForce = false;
        declare();
        return Uni.createFrom()
                .item(
                        Failure.UNAVAILABLE.matches(failure)
                                ? failure
                                : Failure.UNAVAILABLE.because(
                                        "The bucket " + definition.name() + " is not there", failure));
    }

    private void declare() {
        if (connected && asking.compareAndSet(false, true)) {
            reconciler
                    .apply(definition.declaration())
                    .subscribe()
                    .with(problem -> declared(problem.orElse(null)), failure -> declared(failure.getMessage()));
        }
    }

    private void declared(@Nullable String problem) {
        asking.set(false);
        inForce = problem == null;
        if (problem == null) {
            firstTime.complete(null);
        } else {
            LOG.warnf("The bucket %s is not as declared: %s", definition.name(), problem);
            Infrastructure.getDefaultWorkerPool().schedule(this::declare, pause.toNanos(), TimeUnit.NANOSECONDS);
        }
    }
}
