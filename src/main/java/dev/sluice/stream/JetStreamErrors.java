package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Set;

/**
 * Maps JetStream error codes (errors.json of nats-server) to {@link Failure}. The error code decides: JetStream reports
 * limits and conflicts with status 400 and some permanent refusals with 500, and the text may change.
 */
public final class JetStreamErrors {
    /** The account has no JetStream. */
    public static final int NOT_ENABLED_FOR_ACCOUNT = 10039;
    /** The server has no JetStream. */
    public static final int NOT_ENABLED = 10076;
    /** A new configuration of a stream is invalid, or the server does not permit the change. */
    public static final int STREAM_INVALID_CONFIG = 10052;
    /** A stream with this name and another configuration exists. */
    public static final int STREAM_NAME_EXIST = 10058;
    /** A message is larger than its stream allows. */
    public static final int STREAM_MESSAGE_EXCEEDS_MAXIMUM = 10054;
    /** A message is not deleted: there is none. The status is 500, as for a failure of the server. */
    public static final int STREAM_MSG_DELETE_FAILED = 10057;
    /** The last message of the stream has another id than expected. The description has its id. */
    public static final int STREAM_WRONG_LAST_MSG_ID = 10070;
    /** A filter of a consumer is not within the subjects of the stream. Only servers before 2.10 require that. */
    public static final int CONSUMER_FILTER_NOT_SUBSET = 10093;
    /** The leader of a replicated stream knows the message id, but not as that of a stored message. */
    public static final int STREAM_DUPLICATE_MESSAGE_CONFLICT = 10158;
    /** The stream is sealed. */
    public static final int STREAM_SEALED = 10109;
    /** The stream does not allow fast-ingest batches. */
    public static final int BATCH_PUBLISH_DISABLED = 10205;
    /** The leader of the stream does not know the fast-ingest batch of a message. */
    public static final int BATCH_PUBLISH_UNKNOWN_BATCH_ID = 10208;
    /** An atomic batch has a message id that is already stored, or that it has twice. */
    public static final int BATCH_DUPLICATE_MESSAGE = 10201;

    /** The cluster is incomplete, has no leader, or this server does not lead it: the same request succeeds later. */
    private static final Set<Integer> TRANSIENT = Set.of(10004, 10007, 10008, 10009);

    private JetStreamErrors() {}

    /** Returns whether {@code thrown} is an answer of a cluster without a leader, which has decided nothing. */
    public static boolean isTransient(Throwable thrown) {
        return thrown instanceof SluiceException refusal
                && TRANSIENT.contains(refusal.natsErrorCode().orElse(0));
    }

    /** Returns whether {@code thrown} is the server's refusal with this error code. */
    public static boolean hasCode(Throwable thrown, int errorCode) {
        return thrown instanceof SluiceException refusal
                && refusal.natsErrorCode().orElse(0) == errorCode;
    }

    /**
     * Returns the failure for an error response.
     *
     * @param errorCode {@code err_code} of the response, 0 if it has none
     * @param code {@code code} of the response, similar to an HTTP status; used if the error code is unknown
     */
    public static Failure failure(int errorCode, int code) {
        return switch (errorCode) {
            case 10014, 10149 -> Failure.NO_CONSUMER;
            case 10037, 10043, STREAM_MSG_DELETE_FAILED -> Failure.NO_MESSAGE;
            case 10059 -> Failure.NO_STREAM;
            // It exists with another configuration, a work queue has a consumer, or the change is not permitted.
            case 10012,
                    10013,
                    10055,
                    STREAM_NAME_EXIST,
                    10061,
                    10065,
                    10098,
                    10099,
                    10100,
                    10101,
                    10105,
                    10124,
                    10148,
                    BATCH_DUPLICATE_MESSAGE,
                    10204,
                    10226 -> Failure.CONFLICT;
            case 10060, STREAM_WRONG_LAST_MSG_ID, 10071, 10164, 10180 -> Failure.WRONG_SEQUENCE;
            case STREAM_DUPLICATE_MESSAGE_CONFLICT -> Failure.IN_PROCESS;
            case STREAM_MESSAGE_EXCEEDS_MAXIMUM, 10097 -> Failure.TOO_LARGE;
            case 10077 -> Failure.STREAM_FULL;
            // Limits of the stream, the account or the server: consumers, streams, memory, storage.
            case 10002, 10026, 10027, 10028, 10047, 10120, 10122 -> Failure.LIMIT_REACHED;
            case 10167, 10210, 10211 -> Failure.OVERLOADED;
            case 10035,
                    NOT_ENABLED_FOR_ACCOUNT,
                    NOT_ENABLED,
                    10010,
                    10036,
                    10074,
                    STREAM_SEALED,
                    10111,
                    10166,
                    10168,
                    10174,
                    10185,
                    10188,
                    BATCH_PUBLISH_DISABLED -> Failure.NOT_SUPPORTED;
            case STREAM_INVALID_CONFIG, 10165, 10193 -> Failure.INVALID;
            case 10004, 10005, 10007, 10008, 10009, 10023, 10118, 10119, 10163, 10176, 10194, 10195, 10202 ->
                Failure.UNAVAILABLE;
            default -> byClass(code);
        };
    }

    private static Failure byClass(int code) {
        if (code == 429) {
            return Failure.OVERLOADED;
        }
        return code >= 400 && code < 500 ? Failure.INVALID : Failure.UNAVAILABLE;
    }
}
