package dev.sluice.pricing;

import dev.sluice.failure.Failure;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** The prices of products in the smallest currency unit, in the bucket {@code PRICES}: one decimal number per key. */
@Singleton
public final class Prices {
    private static final int HISTORY = 5;

    private final Optional<Bucket> bucket;

    @Inject
    public Prices(Buckets buckets, PricingConfig config) {
        bucket = config.enabled()
                ? Optional.of(
                        buckets.open(new BucketDefinition("PRICES", HISTORY, Duration.ZERO, config.replicas(), -1)))
                : Optional.empty();
    }

    /**
     * Returns the price of a product, or empty if it is unknown. Any instance may be asked, so the leader answers: it has
     * every price that was set. Fails as {@link Bucket#latest}.
     */
    Uni<Optional<Long>> find(BucketKey product) {
        return bucket().latest(product).map(entry -> entry.map(Prices::price));
    }

    /** Sets the price of a product. Fails as {@link Bucket#put}. */
    Uni<Void> set(BucketKey product, long price) {
        return bucket().put(product, Long.toString(price).getBytes(StandardCharsets.US_ASCII))
                .replaceWithVoid();
    }

    private Bucket bucket() {
        return bucket.orElseThrow(() -> Failure.NOT_FOUND.because("This instance has no prices"));
    }

    private static long price(BucketEntry entry) {
        try {
            return Long.parseLong(new String(entry.value(), StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw Failure.INTERNAL.because("The price of " + entry.key() + " is not a number", e);
        }
    }
}
