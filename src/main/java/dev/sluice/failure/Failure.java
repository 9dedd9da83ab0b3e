package dev.sluice.failure;

/**
 * Every way Sluice fails. The edge maps each constant to one answer (an HTTP status, a problem type), so code below the
 * edge only has to name what went wrong.
 */
public enum Failure {
    /** A subject or pattern breaks a rule; the detail names the rule. */
    BAD_SUBJECT,
    /** The subject belongs to NATS itself ({@code $…}, {@code _INBOX.…}). */
    RESERVED_SUBJECT,
    /** A parameter, header or body breaks the contract. */
    INVALID,
    /** Nobody knows who the caller is, or what they show for it is not valid. */
    UNAUTHENTICATED,
    /** The caller may not do this. */
    FORBIDDEN,
    /** The thing that was asked for does not exist. */
    NOT_FOUND,
    /** There is no such stream, or none that stores the subject. */
    NO_STREAM,
    /** The stream has no such consumer. */
    NO_CONSUMER,
    /** The stream holds no such message. */
    NO_MESSAGE,
    /** An ack token is forged, altered, or one of another consumer. */
    BAD_TOKEN,
    /** What exists is of another kind, or cannot be changed like that. */
    CONFLICT,
    /** A message under the same id is just being stored; what became of it is known to whoever asks again. */
    IN_PROCESS,
    /** An expectation about the last sequence, message id or stream does not hold. */
    WRONG_SEQUENCE,
    /** The address of a request is longer than Sluice takes. */
    URI_TOO_LONG,
    /** The headers of a request are larger than Sluice takes. */
    HEADERS_TOO_LARGE,
    /** Larger than the server, the stream or Sluice accepts. */
    TOO_LARGE,
    /** The stream is full and refuses new messages. */
    STREAM_FULL,
    /** A limit of the stream, the account or the NATS server is reached; trying again later is right. */
    LIMIT_REACHED,
    /** A bound of Sluice's own is reached; trying again later is right. */
    OVERLOADED,
    /** As many event streams are open as this instance serves. */
    TOO_MANY_CONNECTIONS,
    /** NATS is away or has no leader; nothing was stored. */
    UNAVAILABLE,
    /** No answer in time to something that may have happened: the outcome is unknown. */
    OUTCOME_UNKNOWN,
    /** Nobody serves the requested subject. */
    NO_RESPONDERS,
    /** The body is of a kind that is not taken here. */
    UNSUPPORTED_MEDIA_TYPE,
    /** The caller took too long to send what it announced. */
    REQUEST_TIMEOUT,
    /** A responder did not answer in time. */
    TIMEOUT,
    /** The server is too old, or the stream does not allow it. */
    NOT_SUPPORTED,
    /** A consumer could not keep up, and its policy is to fail rather than to drop. */
    OVERFLOW,
    /** A fault of Sluice. */
    INTERNAL;

    /** An exception of this kind, without a stack trace: it is an answer, not a bug. */
    public SluiceException because(String detail) {
        return new SluiceException(this, detail, null, 0);
    }

    /** As {@link #because(String)}, for an error that NATS reported under {@code natsErrorCode}. */
    public SluiceException because(String detail, int natsErrorCode) {
        return new SluiceException(this, detail, null, natsErrorCode);
    }

    /** As {@link #because(String)}, keeping what led to it for the log. */
    public SluiceException because(String detail, Throwable cause) {
        return new SluiceException(this, detail, cause, 0);
    }
}
