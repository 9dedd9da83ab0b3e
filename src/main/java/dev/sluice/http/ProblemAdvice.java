package dev.sluice.http;

/** Advice for each type of problem, shown on the page of the problem type. */
final class ProblemAdvice {
    private ProblemAdvice() {}

    static String of(ProblemType type) {
        return switch (type) {
            case BAD_SUBJECT ->
                "A subject is tokens separated by single dots, such as orders.created: printable characters, no space,"
                        + " 1,024 bytes at most. Only patterns to subscribe to may have * for one token and a last > for"
                        + " the rest. The detail names the rule that is broken.";
            case BAD_TOKEN ->
                "An ack token is good for the consumer that it was fetched from, as it is. Fetch again to get"
                        + " tokens for what is not settled.";
            case INVALID ->
                "A parameter, a header or the body is not what the endpoint takes. The detail or the violations"
                        + " name it; /q/openapi describes all of them. Sending the same again gives the same answer.";
            case UNAUTHENTICATED ->
                "Send a valid token as Authorization: Bearer, or the cookie. A browser that opens an"
                        + " event stream uses a ticket from POST /v1/tickets.";
            case FORBIDDEN ->
                "Subjects that begin with $ or _INBOX. belong to NATS and are open to nobody. For others, the"
                        + " detail names what is not permitted; whoever runs this service grants it, or whoever runs NATS"
                        + " where it is the NATS server that does not permit it to Sluice's own user.";
            case NOT_FOUND -> "Nothing is at this address, or what it names does not exist. Check the spelling.";
            case NO_STREAM ->
                "No stream of JetStream stores this subject, so the message was not kept. Create a stream that"
                        + " covers it, or publish with ack=none to whoever listens at that moment.";
            case NO_CONSUMER ->
                "The stream has no consumer of that name. Create it, or look at the stream's consumers.";
            case NO_MESSAGE ->
                "The stream holds no message under that sequence: it was deleted, has expired, or is still to"
                        + " come.";
            case CONFLICT ->
                "What exists under that name is of another kind, or is set in a way that cannot be changed. Use"
                        + " another name, or delete it first. With Retry-After: a message under the same id is being stored"
                        + " at this moment; publish it again under that id to learn whether it was.";
            case METHOD_NOT_ALLOWED -> "The header Allow names the methods that this address takes.";
            case NOT_ACCEPTABLE -> "Leave out the header Accept, or ask for a media type that /q/openapi names.";
            case REQUEST_TIMEOUT ->
                "The body took too long to arrive, and nothing of what was missing was taken. Send it"
                        + " again, faster or in smaller parts.";
            case WRONG_SEQUENCE ->
                "The stream has moved on, or is another one. Read what it holds now, decide again, and"
                        + " publish with the expectation that fits.";
            case TOO_LARGE ->
                "The detail says how large it may be. Split it, or store the data elsewhere and publish where"
                        + " it is.";
            case URI_TOO_LONG ->
                "The detail says how long the address may be, its query included. Watch fewer subjects on one connection, or"
                        + " one pattern that covers them; send data in the body.";
            case HEADERS_TOO_LARGE ->
                "The detail says how large the headers may be together. A cookie or a token that has grown is the usual"
                        + " reason; a message with headers that large goes as a line of a bulk publish.";
            case UNSUPPORTED_MEDIA_TYPE -> "Send the body with a Content-Type that /q/openapi names for this address.";
            case OVERLOADED ->
                "A bound on what may be in flight is reached, and nothing was sent. Wait as long as"
                        + " Retry-After says, with some jitter, then try again.";
            case INTERNAL -> "This is a fault of the service. Its log says more, under the trace id if there is one.";
            case NOT_SUPPORTED ->
                "The nats-server is too old for this, or the stream has it switched off. The detail says"
                        + " what is needed.";
            case SERVICE_ERROR ->
                "The service behind the subject answered with an error of its own, which the detail"
                        + " repeats. The status is the service's where it is one of HTTP's, else 502.";
            case TOO_MANY_CONNECTIONS ->
                "This instance serves as many event streams as it may. Wait as long as Retry-After"
                        + " says; another instance may have room.";
            case LIMIT_REACHED ->
                "The stream, the account or the server has as many consumers, streams, subscriptions or bytes as it may."
                        + " Have the limit raised or remove what is not needed; wait as long as Retry-After says before"
                        + " trying again.";
            case UNAVAILABLE ->
                "NATS is away, has no leader, or did not answer in time. The detail says whether the outcome"
                        + " is known. Repeat a publish under the same Nats-Msg-Id, so that it is stored once.";
            case NO_RESPONDERS ->
                "Nobody subscribes to this subject to answer it. Check the subject, and that the service"
                        + " is running.";
            case TIMEOUT ->
                "Somebody serves the subject but did not answer in time. Whether the request was acted upon is"
                        + " not known. A longer timeout may help.";
            case STREAM_FULL ->
                "The stream has reached a limit and is set to refuse new messages. Let its consumers catch"
                        + " up, or have its limits raised.";
        };
    }
}
