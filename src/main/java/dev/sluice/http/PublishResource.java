package dev.sluice.http;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;

/** Publishes the unchanged body of a request as one message. */
@Path("/v1/publish")
public final class PublishResource {
    private final CorePublisher core;
    private final StoredPublisher stored;
    private final MessageBody body;
    private final FlatSubjectHint hint;

    PublishResource(CorePublisher core, StoredPublisher stored, MessageBody body, FlatSubjectHint hint) {
        this.core = core;
        this.stored = stored;
        this.body = body;
        this.hint = hint;
    }

    @POST
    @Path("{subject:.+}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> publish(@RestPath String subject, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, AckParameter.PARAMETER);
        boolean waitForStream = AckParameter.ofStream(uri.getQueryParameters().get(AckParameter.PARAMETER));
        Subject target = new Subject(subject);
        Caller.of(context).require(Verb.PUBLISH, target);
        hint.give(target);
        Map<String, List<String>> headers = MessageHeaders.of(context.request().headers());
        Uni<OutboundMessage> message =
                body.read(context.request()).map(data -> new OutboundMessage(target, headers, data));
        return waitForStream
                ? message.chain(stored::publish)
                        .map(PublishResource::receipt)
                        .onFailure(Failure.NO_STREAM::matches)
                        .transform(PublishResource::withAlternative)
                : message.invoke(core::publish).replaceWith(PublishResource::accepted);
    }

    private static Throwable withAlternative(Throwable noStream) {
        return Failure.NO_STREAM.because(noStream.getMessage() + "; ack=none publishes it without storing it");
    }

    private static Response receipt(Receipt receipt) {
        ReceiptView place = ReceiptView.of(receipt);
        return receipt.duplicate()
                ? Response.ok(place).build()
                : Response.created(place.location()).entity(place).build();
    }

    private static Response accepted() {
        return Response.accepted().build();
    }
}
