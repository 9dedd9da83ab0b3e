package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.ConsumerRef;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;

/**
 * Who sent a request, and what they may do. Every endpoint asks it before anything reaches NATS; a request that came
 * past the guard has no caller, and so gets nowhere.
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
     * Who sent {@code request}.
     *
     * @throws SluiceException {@code UNAUTHENTICATED}, if nobody was let in with it
     */
    public static Caller of(RoutingContext request) {
        Caller caller = request.get(KEY);
        if (caller == null) {
            throw Failure.UNAUTHENTICATED.because("This request carries no identity");
        }
        return caller;
    }

    void enter(RoutingContext request) {
        request.put(KEY, this);
    }

    Identity identity() {
        return identity;
    }

    /** For logs and limits, never for a decision. */
    public String name() {
        return identity.name();
    }

    /** When this identity ends, and every stream that was opened with it; {@link Instant#MAX} for never. */
    public Instant until() {
        return identity.end();
    }

    /**
     * This one subject is needed.
     *
     * @throws SluiceException {@code FORBIDDEN}, naming verb and subject
     */
    public void require(Verb verb, Subject subject) {
        require(verb, subject.value());
    }

    /**
     * Every subject that one of the patterns matches is needed.
     *
     * @throws SluiceException {@code FORBIDDEN}, naming verb and pattern
     */
    public void requireAll(Verb verb, SubjectSet subjects) {
        for (SubjectPattern pattern : subjects.patterns()) {
            require(verb, pattern.value());
        }
    }

    /**
     * This one consumer is needed.
     *
     * @throws SluiceException {@code FORBIDDEN}, naming verb, stream and consumer
     */
    public void require(Verb verb, ConsumerRef consumer) {
        require(verb, consumer.stream() + "." + consumer.consumer());
    }

    /**
     * All consumers of the stream are needed: together they read all that it holds.
     *
     * @throws SluiceException {@code FORBIDDEN}, naming verb and stream
     */
    public void requireStream(Verb verb, String stream) {
        require(verb, anyConsumer(stream));
    }

    /** Whether this caller has anything to do with the consumer, and so may know that it exists. */
    public boolean sees(ConsumerRef consumer) {
        return has(consumer.stream() + "." + consumer.consumer());
    }

    /** Whether this caller has anything to do with a consumer of the stream, and so may know that it exists. */
    public boolean seesStream(String stream) {
        return has(anyConsumer(stream));
    }

    private static String anyConsumer(String stream) {
        ConsumerRef.check("stream", stream);
        return stream + ".*";
    }

    private void require(Verb verb, String asked) {
        if (!permissions.permit(verb, asked)) {
            throw Failure.FORBIDDEN.because("This caller may not " + verb + " " + asked);
        }
    }

    private boolean has(String asked) {
        return permissions.permitSome(Verb.CONSUME, asked) || permissions.permitSome(Verb.ADMINISTER, asked);
    }
}
