package dev.sluice.events;

import dev.sluice.failure.SluiceException;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.object.ObjectStoreName;
import java.util.function.Supplier;

/**
 * A bucket or an object store as a watch sees it: a stream whose messages, below a prefix, are the states of its entries.
 *
 * @param source value of the header {@code Sluice-Source}
 * @param stream name of its stream
 * @param subjects subjects that its stream has, and no other stream of this name
 * @param prefix what precedes the watched part of each subject
 * @param missing the failure if it does not exist
 */
record WatchedStore(String source, String stream, String subjects, String prefix, Supplier<SluiceException> missing) {

    static WatchedStore of(BucketName bucket) {
        return new WatchedStore(
                "bucket; name=" + bucket, bucket.stream(), bucket.subjects(), BucketName.SUBJECTS, bucket::missing);
    }

    static WatchedStore of(ObjectStoreName store) {
        return new WatchedStore(
                "object-store; name=" + store,
                store.stream(),
                store.metadataSubjects(),
                store.metadataPrefix(),
                store::missing);
    }
}
