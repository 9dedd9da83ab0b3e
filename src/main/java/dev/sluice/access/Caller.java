package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.bucket.KeyPattern;
import dev.sluice.stream.object.ObjectName;
import dev.sluice.stream.object.ObjectStoreName;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The authenticated sender of a request and its permissions. Every endpoint checks the permissions before it sends
 * anything to NATS. A request that bypassed {@link AuthenticationHandler} has no caller and is rejected. Immutable.
 */
public final class Caller {
    private static final String KEY = Caller.class.getName();

    private final Identity identity;
    private final Permissions permissions;

    Caller(Identity identity, Permissions permissions) {
        this.identity = identity;
        this.permissions = permissions;
    }

    /**
     * Returns the caller of {@code request}.
     *
     * @throws SluiceException {@code UNAUTHENTICATED} if the request has no caller
     */
    public static Caller of(RoutingContext request) {
        Caller caller = request.get(KEY);
        if (caller == null) {
            throw Failure.UNAUTHENTICATED.because("This request has no identity");
        }
        return caller;
    }

    void enter(RoutingContext request) {
        request.put(KEY, this);
    }

    Identity identity() {
        return identity;
    }

    /** Returns the caller's name, for logs and limits only, not for access decisions. */
    public String name() {
        return identity.name();
    }

    /** Returns the names of the caller's roles, also of those that grant nothing. */
    public Set<String> roles() {
        return identity.roles();
    }

    /** Returns the patterns that are allowed for {@code verb}, by the roles and the token of this caller. */
    public List<String> allowed(Verb verb) {
        return permissions.allowed(verb);
    }

    /** Returns the patterns that are denied for {@code verb}. They take precedence over the allowed ones. */
    public List<String> denied(Verb verb) {
        return permissions.denied(verb);
    }

    /**
     * Returns the time at which this identity expires, and with it every tail that it has opened;
     * {@link Instant#MAX} for never.
     */
    public Instant until() {
        return identity.end();
    }

    /**
     * Requires permission for one subject.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb and the subject
     */
    public void require(Verb verb, Subject subject) {
        requireSubject(verb, subject.value());
    }

    private void requireSubject(Verb verb, String asked) {
        if (!permissions.permit(verb, asked)) {
            throw refusal(verb, asked).onSubject(asked);
        }
    }

    /**
     * Requires permission for every subject that one of the patterns matches.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb and the pattern
     */
    public void requireAll(Verb verb, SubjectSet subjects) {
        for (SubjectPattern pattern : subjects.patterns()) {
            requireSubject(verb, pattern.value());
        }
    }

    /**
     * Requires permission for one consumer.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb, the stream and the consumer
     */
    public void require(Verb verb, ConsumerRef consumer) {
        require(verb, consumer.stream(), consumer.consumer());
    }

    /**
     * Requires permission for all consumers of the stream: together they can read all of its messages.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb and the stream
     */
    public void requireStream(Verb verb, String stream) {
        ConsumerRef.check("stream", stream);
        require(verb, stream, "*");
    }

    private void require(Verb verb, String stream, String consumers) {
        String asked = stream + "." + consumers;
        if (!permissions.permit(verb, asked)) {
            throw refusal(verb, asked).ofStream(stream);
        }
    }

    /**
     * Returns whether this caller may know that the consumer exists: it has a {@link Verb#CONSUME} or {@link Verb#ADMINISTER}
     * permission for it.
     */
    public boolean sees(ConsumerRef consumer) {
        return has(consumer.stream() + "." + consumer.consumer());
    }

    /**
     * Returns whether this caller may know that the stream exists: it has a {@link Verb#CONSUME} or {@link Verb#ADMINISTER}
     * permission for one of its consumers.
     */
    public boolean seesStream(String stream) {
        return has(anyConsumer(stream));
    }

    /**
     * Requires permission for one key of a bucket.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb, the bucket and the key
     */
    public void require(Verb verb, BucketName bucket, BucketKey key) {
        require(verb, bucket + "." + key);
    }

    /**
     * Requires permission to read every key that one of the patterns matches.
     *
     * @param keys patterns of the name of a bucket and its keys
     * @throws SluiceException {@code FORBIDDEN}, with the pattern
     */
    public void requireKeys(SubjectSet keys) {
        for (SubjectPattern pattern : keys.patterns()) {
            require(Verb.READ, pattern.value());
        }
    }

    /**
     * Requires permission for a part of the keys that {@code keys} matches.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb, the bucket and the pattern
     */
    public void requireSome(Verb verb, BucketName bucket, KeyPattern keys) {
        String asked = bucket + "." + keys;
        if (!permissions.permitSome(verb, asked)) {
            throw refusal(verb, asked);
        }
    }

    /** Returns whether this caller may read the key. */
    public boolean reads(BucketName bucket, String key) {
        return permissions.permit(Verb.READ, bucket + "." + key);
    }

    /**
     * Requires permission to create, change and delete the bucket: that for all consumers of its stream.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the stream of the bucket
     */
    public void requireAdministration(BucketName bucket) {
        requireStream(Verb.ADMINISTER, bucket.stream());
    }

    /** Returns whether this caller may know that the bucket exists: it has a permission for a key of it, or for it. */
    public boolean seesBucket(BucketName bucket) {
        String any = bucket + ".>";
        return permissions.permitSome(Verb.READ, any)
                || permissions.permitSome(Verb.WRITE, any)
                || permissions.permitSome(Verb.ADMINISTER, anyConsumer(bucket.stream()));
    }

    /**
     * Requires permission for one object of a store.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb, the store and the object
     */
    public void require(Verb verb, ObjectStoreName store, ObjectName object) {
        require(verb, store + "." + object.permission());
    }

    /**
     * Requires permission for a part of the objects of a store.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the verb and the store
     */
    public void requireSome(Verb verb, ObjectStoreName store) {
        String asked = store + ".>";
        if (!permissions.permitSome(verb, asked)) {
            throw refusal(verb, asked);
        }
    }

    /** Returns whether this caller may read the object. */
    public boolean reads(ObjectStoreName store, ObjectName object) {
        return permissions.permit(Verb.OBJECT_READ, store + "." + object.permission());
    }

    /**
     * Returns which objects of the store this caller may read; empty if it may read all. Callers with the same permissions
     * have equal ones.
     */
    public Optional<Predicate<ObjectName>> readable(ObjectStoreName store) {
        return permissions.permit(Verb.OBJECT_READ, store + ".>")
                ? Optional.empty()
                : Optional.of(new ReadableObjects(store, permissions));
    }

    private record ReadableObjects(ObjectStoreName store, Permissions permissions) implements Predicate<ObjectName> {
        @Override
        public boolean test(ObjectName object) {
            return permissions.permit(Verb.OBJECT_READ, store + "." + object.permission());
        }
    }

    /**
     * Requires permission to create, change and delete the object store: that for all consumers of its stream.
     *
     * @throws SluiceException {@code FORBIDDEN}, with the stream of the store
     */
    public void requireAdministration(ObjectStoreName store) {
        requireStream(Verb.ADMINISTER, store.stream());
    }

    /** Returns whether this caller may know that the store exists: it has a permission for an object of it, or for it. */
    public boolean seesObjectStore(ObjectStoreName store) {
        String any = store + ".>";
        return permissions.permitSome(Verb.OBJECT_READ, any)
                || permissions.permitSome(Verb.OBJECT_WRITE, any)
                || permissions.permitSome(Verb.ADMINISTER, anyConsumer(store.stream()));
    }

    private static String anyConsumer(String stream) {
        ConsumerRef.check("stream", stream);
        return stream + ".*";
    }

    private void require(Verb verb, String asked) {
        if (!permissions.permit(verb, asked)) {
            throw refusal(verb, asked);
        }
    }

    private static SluiceException refusal(Verb verb, String asked) {
        return Failure.FORBIDDEN.because("This caller may not " + verb + " " + asked);
    }

    private boolean has(String asked) {
        return permissions.permitSome(Verb.CONSUME, asked) || permissions.permitSome(Verb.ADMINISTER, asked);
    }
}
