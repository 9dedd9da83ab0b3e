package dev.sluice.http;

import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.cloudevents.ContentMode;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.message.StoredMessage;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** Whether a client gets a stored message as a CloudEvent in JSON: only if its {@code Accept} names that type. */
enum EventNegotiation {
    /** The message as it is. */
    RAW,
    /** An event, and the message as it is if it is not one. */
    PREFERRED,
    /** An event and nothing else. */
    ONLY;

    /** The client gets an event if no other type is better for it. */
    static EventNegotiation of(RoutingContext context) {
        List<MIMEHeader> accepted = context.parsedHeaders().accept();
        if (accepted.isEmpty() || !isEvent(accepted.get(0))) {
            return RAW;
        }
        return accepted.stream().allMatch(type -> isEvent(type) || type.weight() == 0) ? ONLY : PREFERRED;
    }

    private static boolean isEvent(MIMEHeader type) {
        return type.weight() > 0 && ContentMode.EVENT.equalsIgnoreCase(type.component() + "/" + type.subComponent());
    }

    /** @throws SluiceException {@code NOT_ACCEPTABLE} if the client takes only events and the message is not one */
    Response.ResponseBuilder represent(StoredMessage message) {
        if (this == RAW) {
            return raw(message);
        }
        try {
            return Response.ok(CloudEvents.json(message.headers(), message.data()), ContentMode.EVENT)
                    .header("X-Content-Type-Options", "nosniff");
        } catch (SluiceException notAnEvent) {
            if (this == PREFERRED) {
                return raw(message);
            }
            throw Failure.NOT_ACCEPTABLE.because(
                    "Message " + message.sequence() + " is not a CloudEvent. " + notAnEvent.getMessage());
        }
    }

    private static Response.ResponseBuilder raw(StoredMessage message) {
        return ReplyHeaders.with(Response.ok(message.data()), message.headers());
    }
}
