package dev.sluice.http.message;

import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.cloudevents.ContentMode;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.AcceptHeader;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.replay.StreamMessage;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a client gets stored messages as CloudEvents in JSON. It must name the CloudEvents type in {@code Accept}. */
public enum CloudEventNegotiation {
    /** The messages as they are. */
    RAW,
    /** CloudEvents; the messages as they are if one is not a CloudEvent. */
    PREFERRED,
    /** CloudEvents only. */
    ONLY;

    /** Returns the representation of one message: a CloudEvent if {@code Accept} prefers the CloudEvents type. */
    public static CloudEventNegotiation of(RoutingContext context) {
        return of(context, ContentMode.EVENT);
    }

    /** Returns the representation of a page: a batch of CloudEvents if {@code Accept} prefers that type. */
    public static CloudEventNegotiation ofBatch(RoutingContext context) {
        return of(context, ContentMode.BATCH);
    }

    private static CloudEventNegotiation of(RoutingContext context, String wanted) {
        List<MIMEHeader> accepted = AcceptHeader.of(context);
        if (accepted.isEmpty() || !names(accepted.get(0), wanted)) {
            return RAW;
        }
        return accepted.stream().allMatch(type -> names(type, wanted) || type.weight() == 0) ? ONLY : PREFERRED;
    }

    private static boolean names(MIMEHeader type, String wanted) {
        return type.weight() > 0 && wanted.equalsIgnoreCase(type.component() + "/" + type.subComponent());
    }

    /**
     * Returns the response with a message.
     *
     * @throws SluiceException {@code NOT_ACCEPTABLE} if the client takes only events and the message is not one
     */
    public Response.ResponseBuilder represent(StoredMessage message) {
        if (this == RAW) {
            return raw(message);
        }
        try {
            return Response.ok(CloudEvents.json(message.headers(), message.data()), ContentMode.EVENT);
        } catch (SluiceException notAnEvent) {
            if (this == PREFERRED) {
                return raw(message);
            }
            throw notAcceptable(message.sequence(), notAnEvent);
        }
    }

    /**
     * Returns the messages as a batch of events; empty if the client gets them as they are.
     *
     * @throws SluiceException {@code NOT_ACCEPTABLE} if the client takes only events and a message is not one
     */
    public Optional<byte[]> batch(List<StreamMessage> messages) {
        if (this == RAW) {
            return Optional.empty();
        }
        List<byte[]> events = new ArrayList<>(messages.size());
        for (StreamMessage stored : messages) {
            try {
                events.add(CloudEvents.json(
                        stored.message().headers(), stored.message().data()));
            } catch (SluiceException notAnEvent) {
                if (this == PREFERRED) {
                    return Optional.empty();
                }
                throw notAcceptable(stored.sequence(), notAnEvent);
            }
        }
        return Optional.of(CloudEvents.join(events));
    }

    private static SluiceException notAcceptable(long sequence, SluiceException notAnEvent) {
        return Failure.NOT_ACCEPTABLE.because(
                "Message " + sequence + " is not a CloudEvent. " + notAnEvent.getMessage());
    }

    private static Response.ResponseBuilder raw(StoredMessage message) {
        return ReplyHeaders.with(Response.ok(message.data()), message.headers());
    }
}
