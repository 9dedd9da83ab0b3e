package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.Caller;
import dev.sluice.access.Ticket;
import dev.sluice.access.Tickets;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Issues tickets to callers. A browser uses a ticket to open one tail. */
@Path("/v1/tickets")
@Produces(MediaType.APPLICATION_JSON)
public final class TicketResource {
    private final Tickets tickets;

    TicketResource(Tickets tickets) {
        this.tickets = tickets;
    }

    @POST
    public Response issue(@Context RoutingContext context) {
        Ticket ticket = tickets.issue(Caller.of(context));
        return Response.ok(new Issued(ticket.text(), ticket.lifetime().toSeconds()))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** The ticket, to be used as {@code ?ticket=}, and its lifetime in seconds. */
    public record Issued(
            String ticket, @JsonProperty("expires_in") long expiresIn) {}
}
