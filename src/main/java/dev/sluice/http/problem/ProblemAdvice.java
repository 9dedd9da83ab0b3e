package dev.sluice.http.problem;

/** Advice for each type of problem, shown on the page of the problem type. */
final class ProblemAdvice {
    private ProblemAdvice() {}

    static String of(ProblemType type) {
        return switch (type) {
            case BAD_SUBJECT ->
                "A subject consists of tokens separated by single dots, such as orders.created. It has only printable"
                        + " characters, no space, and at most 1,024 bytes. Only subscription patterns may use the"
                        + " wildcards * for one token and > at the end for the rest. The detail names the broken rule.";
            case BAD_TOKEN ->
                "An ack token is valid only unchanged, and only for the consumer that it was fetched from. Fetch again"
                        + " to get tokens for unsettled messages.";
            case INVALID ->
                "The endpoint does not accept a parameter, a header or the body of this request. The detail or the"
                        + " violations name it; /q/openapi describes all of them. Sending the same request again gives"
                        + " the same response.";
            case UNAUTHENTICATED ->
                "Send a valid token as Authorization: Bearer or in the cookie. A browser that opens a tail"
                        + " uses a ticket from POST /v1/tickets.";
            case FORBIDDEN ->
                "Subjects that begin with $ or _INBOX. are reserved for NATS and not available to any caller. For other"
                        + " subjects, the detail names the missing permission. The operator of this service grants it."
                        + " If the NATS server denies it to Sluice's own user, the operator of NATS grants it.";
            case NOT_FOUND -> "This URL, or the resource that it names, does not exist. Check the spelling.";
            case NO_STREAM ->
                "No JetStream stream stores this subject, so the message was not stored. Create a stream that covers"
                        + " the subject, or publish with ack=none to the current subscribers only.";
            case NO_CONSUMER ->
                "The stream has no consumer of this name. Create it, or list the consumers of the stream.";
            case NO_MESSAGE ->
                "The stream has no message with this sequence: it was deleted, has expired, or does not exist yet.";
            case NO_BUCKET ->
                "There is no key-value bucket of this name. A stream that is not a bucket, a mirror of a bucket and a"
                        + " bucket of Sluice itself are not found here either. Create it with PUT, or list the buckets.";
            case NO_KEY ->
                "The key never had a value, or the value was deleted, purged or has expired. In the last three cases the"
                        + " header Nats-Revision has the revision of the deletion, and Nats-Operation its kind. To write"
                        + " only if there is still no value, use If-None-Match: *.";
            case NO_OBJECT_STORE ->
                "There is no object store of this name. A stream that is not an object store and a mirror of one are not"
                        + " found here either. Create it with PUT, or list the object stores.";
            case NO_OBJECT ->
                "The store never had an object of this name, it was deleted or has expired, or it is a link to something"
                        + " that is not there. To write only if there is still none, use If-None-Match: *.";
            case CONFLICT ->
                "The existing resource of this name is of another kind or has a setting that cannot be changed. Use"
                        + " another name, or delete the resource first. With Retry-After: a message with the same id is"
                        + " being stored now. Publish it again with that id to learn whether it was stored.";
            case METHOD_NOT_ALLOWED -> "The header Allow lists the methods that this URL supports.";
            case NOT_ACCEPTABLE -> "Omit the header Accept, or request a media type that /q/openapi lists.";
            case REQUEST_TIMEOUT ->
                "The body took too long to arrive, and the missing part was not processed. Send it again, faster or in"
                        + " smaller parts.";
            case WRONG_SEQUENCE ->
                "The stream has changed, or is another stream. Read its current content, decide again, and publish with"
                        + " the matching expectation.";
            case WRONG_REVISION ->
                "Another writer was faster. Get the key or the object again, decide again with what it is now, and send"
                        + " its ETag as If-Match. For a key, the header Nats-Revision has the present revision.";
            case TOO_LARGE ->
                "The detail states the limit. Split the message, or store the data elsewhere and publish its location.";
            case URI_TOO_LONG ->
                "The detail states the limit for the URI including its query. Watch fewer subjects on one connection,"
                        + " or one pattern that covers them. Send data in the body.";
            case HEADERS_TOO_LARGE ->
                "The detail states the limit for all headers together. The usual reason is a cookie or a token that has"
                        + " grown. Send a message with large headers as a line of a bulk publish.";
            case UNSUPPORTED_MEDIA_TYPE -> "Send the body with a Content-Type that /q/openapi lists for this URL.";
            case RANGE_NOT_SATISFIABLE ->
                "The range begins after the end of the object or the file. The header Content-Range has its size.";
            case BAD_DIGEST ->
                "The body is not what its sender has announced in Repr-Digest, Content-Digest or Content-MD5. Nothing was"
                        + " stored, and the previous object is still there. Compute the digest again, and send the body"
                        + " again.";
            case OVERLOADED ->
                "A rate or concurrency limit is reached, and nothing was sent. Wait for the time in Retry-After plus"
                        + " some jitter, then try again.";
            case INTERNAL ->
                "This is an error in the service. Its log has details, under the trace id if there is one.";
            case NOT_SUPPORTED ->
                "The nats-server is too old for this feature, or the stream has it disabled. The detail states what is"
                        + " required.";
            case UNSUPPORTED_TRANSFER_CODING ->
                "Send the body with its length, or with Transfer-Encoding: chunked and no other coding.";
            case SERVICE_ERROR ->
                "The service that replies on the subject returned an error; the detail repeats it. The status is that"
                        + " of the service if it is an HTTP error status, otherwise 502.";
            case TOO_MANY_CONNECTIONS ->
                "This instance has reached its limit of tails. Wait for the time in Retry-After; another"
                        + " instance may have capacity.";
            case LIMIT_REACHED ->
                "The stream, the account or the server has reached its limit of consumers, streams, subscriptions or"
                        + " bytes. Have the limit raised, or remove what is not needed. Wait for the time in"
                        + " Retry-After before you try again.";
            case UNAVAILABLE ->
                "NATS is unreachable, has no leader, or did not respond in time. The detail states whether the outcome"
                        + " is known. Repeat a publish with the same Nats-Msg-Id, so that it is stored only once.";
            case NO_RESPONDERS ->
                "No service subscribes to this subject. Check the subject, and whether the service is running.";
            case TIMEOUT ->
                "A service subscribes to the subject but did not reply in time. It is unknown whether the request was"
                        + " processed. A longer timeout may help.";
            case STREAM_FULL ->
                "The stream has reached a limit and is configured to reject new messages. Let its consumers catch up,"
                        + " or have its limits raised.";
        };
    }
}
