package dev.sluice.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.failure.Failure;
import dev.sluice.nats.Subject;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The states of all orders, in one key-value bucket. Each change is a compare-and-set: of two concurrent workers, or of
 * two deliveries of the same message, only one makes the change.
 */
@Singleton
public final class OrderStates {
    private static final JsonMapper JSON = new JsonMapper();
    /** Maximum number of retries of a change after concurrent changes. */
    private static final int ROUNDS = 8;

    private final Buckets buckets;
    private final OrdersConfig config;
    private @Nullable Bucket opened;

    @Inject
    public OrderStates(Buckets buckets, OrdersConfig config) {
        this.buckets = buckets;
        this.config = config;
    }

    /** Returns the subject that stands for the state of one order in permissions. */
    static Subject subject(String orderId) {
        return new Subject("orders.status." + orderId);
    }

    /** Opens the bucket and starts its declaration, if not done yet. */
    void open() {
        bucket();
    }

    /** Returns whether the bucket exists on the server. */
    boolean exist() {
        return bucket().exists();
    }

    public Uni<Optional<OrderState>> find(String orderId) {
        return bucket().get(new BucketKey(orderId)).map(entry -> entry.map(OrderStates::read));
    }

    /**
     * As {@link #find}, but if no state is found, asks the leader: a replica may not have the state of a new order yet.
     */
    Uni<Optional<OrderState>> findOrAskLeader(String orderId) {
        BucketKey key = new BucketKey(orderId);
        return bucket().get(key)
                .chain(entry -> entry.isPresent() ? Uni.createFrom().item(entry) : bucket().latest(key))
                .map(entry -> entry.map(OrderStates::read));
    }

    /**
     * As {@link #find}, but never older than a change that has succeeded. For decisions that rely on this state alone.
     */
    Uni<Optional<OrderState>> latest(String orderId) {
        return bucket().latest(new BucketKey(orderId)).map(entry -> entry.map(OrderStates::read));
    }

    /** Returns whether nothing is left to do for {@code message}. A state that cannot be read settles nothing. */
    Uni<Boolean> settled(Order order, OrderMessage message) {
        return latest(order.orderId())
                .map(state -> state.filter(is -> is.settles(order, message)).isPresent())
                .onFailure(OrderStates::unreadable)
                .recoverWithItem(false);
    }

    /**
     * The outcome of a change.
     *
     * @param state the state afterwards, regardless of which writer set it
     * @param written whether this change wrote it
     */
    public record Change(Optional<OrderState> state, boolean written) {}

    /**
     * Changes the state of one order. {@code step} receives the current state and returns the next one, or empty to
     * keep it. It is called again after a concurrent change. Fails with {@code OVERLOADED} after too many concurrent
     * changes.
     */
    public Uni<Change> change(String orderId, Function<Optional<OrderState>, Optional<OrderState>> step) {
        BucketKey key = new BucketKey(orderId);
        return changed(key, present(key), step)
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .recoverWithUni(() -> changed(key, bucket().latest(key), step)
                        .onFailure(Failure.WRONG_SEQUENCE::matches)
                        .retry()
                        .atMost(ROUNDS))
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .transform(busy -> Failure.OVERLOADED.because("Too many concurrent changes of one order state", busy));
    }

    /** Emits the current state, if there is one, and each later state. */
    public Multi<OrderState> watch(String orderId) {
        return bucket().watch(new BucketKey(orderId))
                .filter(entry -> !entry.deleted())
                .map(OrderStates::read);
    }

    private Uni<Optional<BucketEntry>> present(BucketKey key) {
        return Uni.createFrom()
                .deferred(() -> bucket().beforeWrite(key))
                .map(entry -> entry.filter(last -> !last.deleted()));
    }

    private Uni<Change> changed(
            BucketKey key, Uni<Optional<BucketEntry>> read, Function<Optional<OrderState>, Optional<OrderState>> step) {
        return read.chain(entry -> {
            Optional<OrderState> present = entry.map(OrderStates::read);
            Optional<OrderState> next = step.apply(present);
            if (next.isEmpty()) {
                return Uni.createFrom().item(new Change(present, false));
            }
            Uni<Long> written = entry.isPresent()
                    ? bucket().update(key, write(next.get()), entry.get().revision())
                    : bucket().create(key, write(next.get()));
            return written.replaceWith(new Change(next, true));
        });
    }

    private synchronized Bucket bucket() {
        Bucket bucket = opened;
        if (bucket == null) {
            bucket = buckets.open(new BucketDefinition(
                    config.status().bucket(),
                    config.status().history(),
                    config.status().maxAge(),
                    config.status().replicas(),
                    -1));
            opened = bucket;
        }
        return bucket;
    }

    private static OrderState read(BucketEntry entry) {
        try {
            return JSON.readValue(entry.value(), OrderState.class);
        } catch (IOException e) {
            throw Failure.INTERNAL.because("The status of the order " + entry.key() + " cannot be read", e);
        }
    }

    /** Returns whether {@code failure} is that a state in the bucket cannot be read. */
    static boolean unreadable(Throwable failure) {
        return Failure.INTERNAL.matches(failure) && failure.getCause() instanceof IOException;
    }

    static byte[] write(OrderState state) {
        try {
            return JSON.writeValueAsBytes(state);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a state is strings and numbers", e);
        }
    }
}
