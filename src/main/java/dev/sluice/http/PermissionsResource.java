package dev.sluice.http;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Returns the permissions of the caller, so that the console does not offer what would be rejected. Every endpoint checks
 * permissions itself.
 */
@Path("/v1/permissions")
@Produces(MediaType.APPLICATION_JSON)
public final class PermissionsResource {
    @GET
    public Response get(@Context RoutingContext context) {
        return Response.ok(Described.of(Caller.of(context)))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** The caller, its roles, and its rules by verb. */
    public record Described(String name, SortedSet<String> roles, Map<String, Rules> permissions) {

        private static Described of(Caller caller) {
            Map<String, Rules> rules = new LinkedHashMap<>();
            Arrays.stream(Verb.values())
                    .forEach(verb -> rules.put(verb.toString(), new Rules(caller.allowed(verb), caller.denied(verb))));
            return new Described(caller.name(), new TreeSet<>(caller.roles()), rules);
        }
    }

    /** Patterns. One that is denied takes precedence over those that are allowed. */
    public record Rules(List<String> allow, List<String> deny) {}
}
