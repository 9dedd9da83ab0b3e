package dev.sluice.stream.bucket;

import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletionStage;

/** What is known about the existence of a bucket's stream. */
interface BucketPresence {

    /**
     * Returns whether the server has confirmed that the bucket exists, as declared or not, and no operation has found it
     * missing since.
     */
    boolean exists();

    /** Returns a stage that completes when the bucket was found or created for the first time. */
    CompletionStage<Void> firstTime();

    /** Returns the failure to report for {@code failure}, with which an operation has found the bucket missing. */
    Uni<Throwable> explain(Throwable failure);
}
