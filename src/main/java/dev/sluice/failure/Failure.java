package dev.sluice.failure;

import java.util.Set;

/**
 * The kinds of failure in Sluice. The HTTP layer maps each constant to one response (status and problem type), so the
 * code below it only names the kind.
 */
public enum Failure {
    /** A subject or pattern violates a syntax rule; the detail names the rule. */
    BAD_SUBJECT,
    /** The subject is reserved for NATS ({@code $…}, {@code _INBOX.…}). */
    RESERVED_SUBJECT,
    /** A parameter, header or body violates the API contract. */
    INVALID,
    /** The request has no credentials, or its credentials are not valid. */
    UNAUTHENTICATED,
    /** The caller, or Sluice's own NATS user, lacks the permission. */
    FORBIDDEN,
    /** The requested resource does not exist. */
    NOT_FOUND,
    /** The stream does not exist, or no stream stores the subject. */
    NO_STREAM,
    /** The stream has no consumer with this name. */
    NO_CONSUMER,
    /** The stream does not hold this message. */
    NO_MESSAGE,
    /** The bucket does not exist, or the stream of this name is not a bucket. */
    NO_BUCKET,
    /** The bucket has no value for this key. */
    NO_KEY,
    /** The object store does not exist, or the stream of this name is not an object store. */
    NO_OBJECT_STORE,
    /** The object store has no object of this name, or its chunks are gone. */
    NO_OBJECT,
    /** The content does not have the digest that its sender has announced. */
    BAD_DIGEST,
    /** The ack token is forged, altered or belongs to another consumer. */
    BAD_TOKEN,
    /** The existing resource is of another kind, or does not allow this change. */
    CONFLICT,
    /** A message with the same id is being stored now. A retry with this id returns its outcome. */
    IN_PROCESS,
    /** An expectation about the last sequence, the message id or the stream does not hold. */
    WRONG_SEQUENCE,
    /** The key of a bucket, or the object of a store, does not have the revision that the caller expects. */
    WRONG_REVISION,
    /** The request URI exceeds the length limit. */
    URI_TOO_LONG,
    /** The request headers exceed the size limit. */
    HEADERS_TOO_LARGE,
    /** The content exceeds a size limit of the server, the stream or Sluice. */
    TOO_LARGE,
    /** The stream is full and rejects new messages. */
    STREAM_FULL,
    /** A limit of the stream, the account or the NATS server is reached. A later retry may succeed. */
    LIMIT_REACHED,
    /** A limit of Sluice itself is reached. A later retry may succeed. */
    OVERLOADED,
    /** This instance already serves the maximum number of tails. */
    TOO_MANY_CONNECTIONS,
    /** NATS is unreachable or has no leader; nothing was stored. */
    UNAVAILABLE,
    /** No reply in time to an operation that may have been executed: the outcome is unknown. */
    OUTCOME_UNKNOWN,
    /** The requested subject has no responder. */
    NO_RESPONDERS,
    /** The resource has no representation that the caller accepts. */
    NOT_ACCEPTABLE,
    /** The endpoint does not accept the media type of the body. */
    UNSUPPORTED_MEDIA_TYPE,
    /** The body has a transfer coding that Sluice does not know. */
    UNSUPPORTED_TRANSFER_CODING,
    /** The client did not send the complete request in time. */
    REQUEST_TIMEOUT,
    /** A responder did not reply in time. */
    TIMEOUT,
    /** The NATS server is too old, or the feature is disabled on the server or the stream. */
    NOT_SUPPORTED,
    /** A subscriber could not keep up, and its policy is to fail instead of dropping messages. */
    OVERFLOW,
    /** An internal error of Sluice. */
    INTERNAL;

    /** Returns whether {@code thrown} is this failure. */
    public boolean matches(Throwable thrown) {
        return thrown instanceof SluiceException known && known.failure() == this;
    }

    /** Returns whether {@code thrown} is one of {@code failures}. */
    public static boolean matchesAny(Set<Failure> failures, Throwable thrown) {
        return thrown instanceof SluiceException known && failures.contains(known.failure());
    }

    /** Returns the failure of a write; {@link #UNAVAILABLE}, also that of a read before it, tells that nothing was stored. */
    public static Throwable nothingStored(Throwable thrown) {
        return thrown instanceof SluiceException known && known.failure() == UNAVAILABLE
                ? known.withDetail(known.getMessage() + "; nothing was stored")
                : thrown;
    }

    /**
     * Returns an exception of this kind. Except for {@link #INTERNAL} it has no stack trace: it is an answer, not a
     * bug.
     */
    public SluiceException because(String detail) {
        return new SluiceException(this, detail, null, 0);
    }

    /** As {@link #because(String)}, for an error that NATS reported with {@code natsErrorCode}. */
    public SluiceException because(String detail, int natsErrorCode) {
        return new SluiceException(this, detail, null, natsErrorCode);
    }

    /** As {@link #because(String)}, with a cause for the log. */
    public SluiceException because(String detail, Throwable cause) {
        return new SluiceException(this, detail, cause, 0);
    }
}
