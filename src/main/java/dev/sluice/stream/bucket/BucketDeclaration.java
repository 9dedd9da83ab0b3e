package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.nats.LinkListener;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.topology.Declaration;
import dev.sluice.stream.topology.DeclarationReconciler;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Creates or updates the stream of a bucket: on every connect, and when an operation finds the bucket missing or
 * unavailable. Repeats that with growing pauses until the bucket is as declared. Never deletes. A bucket that exists is
 * used, also if the server refuses to change it as declared.
 */
final class BucketDeclaration implements LinkListener, BucketPresence, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BucketDeclaration.class);
    /** The longest pause as a multiple of the first. */
    private static final int MAX_PAUSE_FACTOR = 5;

    private final String name;
    private final Declaration declaration;
    private final DeclarationReconciler reconciler;
    private final Backoff pauses;
    private final CompletableFuture<Void> firstTime = new CompletableFuture<>();
    private volatile boolean exists;
    private volatile Optional<String> problem = Optional.empty();
    private volatile String logged = "";
    private boolean connected;
    private boolean declaring;
    private Cancellable attempts = () -> {};

    /** @param pause the first pause after a failure */
    BucketDeclaration(BucketDefinition definition, JetStreamApi api, Duration pause) {
        name = definition.name();
        declaration = definition.declaration();
        reconciler = new DeclarationReconciler(api);
        pauses = new Backoff(pause, pause.multipliedBy(MAX_PAUSE_FACTOR));
    }

    @Override
    public synchronized void up(Connection current) {
        down();
        connected = true;
        declare();
    }

    @Override
    public synchronized void down() {
        connected = false;
        declaring = false;
        attempts.cancel();
    }

    @Override
    public void close() {
        down();
    }

    @Override
    public boolean exists() {
        return exists;
    }

    @Override
    public CompletionStage<Void> firstTime() {
        return firstTime.minimalCompletionStage();
    }

    /** Returns why the server refuses the bucket as declared; empty if it has not refused it. */
    Optional<String> problem() {
        return problem;
    }

    String what() {
        return declaration.what();
    }

    /** Declares the bucket again. */
    @Override
    public Uni<Throwable> explain(Throwable failure) {
        exists = false;
        declare();
        return Uni.createFrom()
                .item(
                        Failure.UNAVAILABLE.matches(failure)
                                ? failure
                                : Failure.UNAVAILABLE.because("The bucket " + name + " is not there", failure));
    }

    private synchronized void declare() {
        if (!connected || declaring) {
            return;
        }
        declaring = true;
        AtomicInteger failures = new AtomicInteger();
        attempts = Uni.createFrom()
                .deferred(this::attempt)
                .onItem()
                .call(holds -> holds ? Uni.createFrom().voidItem() : pause(failures.incrementAndGet()))
                .repeat()
                .until(holds -> holds)
                .subscribe()
                .with(
                        repeated -> {},
                        failure -> LOG.errorf(failure, "The bucket %s is no longer declared", name),
                        this::declared);
    }

    private synchronized void declared() {
        declaring = false;
    }

    private Uni<Void> pause(int failures) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(pauses.jittered(failures, ThreadLocalRandom.current()));
    }

    /** Returns whether the bucket is as declared. */
    private Uni<Boolean> attempt() {
        return reconciler
                .apply(declaration)
                .invoke(applied -> {
                    if (applied.undecided().isEmpty()) {
                        problem = applied.refusal();
                    }
                    log(applied.problem()
                            .or(() -> applied.spared()
                                    .map(spared -> "The bucket " + name + " keeps more than is declared: " + spared))
                            .orElse(""));
                    exists = true;
                    firstTime.complete(null);
                })
                .map(DeclarationReconciler.Applied::complete)
                .onFailure()
                .recoverWithItem(failure -> {
                    String text = "The bucket " + name + " could not be declared: " + failure.getMessage();
                    if (refused(failure)) {
                        problem = Optional.of(text);
                    }
                    log(text);
                    return false;
                });
    }

    private void log(String complaint) {
        if (!complaint.isEmpty() && !complaint.equals(logged)) {
            LOG.warn(complaint);
        }
        logged = complaint;
    }

    /** A server without JetStream refuses no bucket in particular, and a cluster without a leader refuses nothing. */
    private static boolean refused(Throwable failure) {
        return failure instanceof SluiceException known
                && known.natsErrorCode().isPresent()
                && !JetStreamErrors.isTransient(failure)
                && !JetStreamErrors.hasCode(failure, JetStreamErrors.NOT_ENABLED)
                && !JetStreamErrors.hasCode(failure, JetStreamErrors.NOT_ENABLED_FOR_ACCOUNT);
    }
}
