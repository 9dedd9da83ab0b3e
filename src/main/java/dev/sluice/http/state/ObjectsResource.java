package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Verb;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.stream.object.ObjectInfo;
import dev.sluice.stream.object.ObjectListing;
import dev.sluice.stream.object.ObjectName;
import dev.sluice.stream.object.ObjectStoreCatalog;
import dev.sluice.stream.object.ObjectStoreName;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The objects of a store. A caller gets the objects that it may read. */
@Path("/v1/object-stores/{store}/objects")
public final class ObjectsResource {

    private final ObjectStoreCatalog catalog;
    private final ObjectListing listing;
    private final ResponseBytes bytes;
    private final ObjectMapper json;

    ObjectsResource(ObjectStoreCatalog catalog, ObjectListing listing, ResponseBytes bytes, ObjectMapper json) {
        this.catalog = catalog;
        this.listing = listing;
        this.bytes = bytes;
        this.json = json;
    }

    /** Lists at most 1,000 objects in the order of their names; {@code next} is that of the previous page. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> list(@RestPath String store, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "prefix", "limit", "next");
        ObjectStoreName name = new ObjectStoreName(store);
        Predicate<String> shown = shown(name, uri, context);
        int limit = QueryParameters.limit(uri, ObjectListing.MAX_OBJECTS).orElse(ObjectListing.MAX_OBJECTS);
        Optional<String> next = QueryParameters.single(uri, "next");
        OpenRequest.of(context).begin(AccessLimit.OPEN_LISTINGS);
        Executor here = ContextExecutor.executor();
        return catalog.info(name)
                .chain(found -> listing.page(name, shown, next, limit))
                .emitOn(here)
                .chain(page -> bytes.send(context, JsonText.of(json, Objects.of(page))));
    }

    /** Lists all objects, one per line, in the order of the stream. */
    @GET
    @Produces(JsonText.NDJSON)
    public Uni<Void> stream(@RestPath String store, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "prefix", "limit", "next");
        ObjectStoreName name = new ObjectStoreName(store);
        Predicate<String> shown = shown(name, uri, context);
        QueryParameters.requireNoPage(uri);
        OpenRequest.of(context).begin(AccessLimit.OPEN_LISTINGS);
        Executor here = ContextExecutor.executor();
        Multi<List<ObjectInfo>> all = catalog.info(name)
                .stage(FlatMapMany.flatMapMany(found -> listing.all(name, shown)))
                .emitOn(here, 1);
        return StreamedResponse.of(context, JsonText.NDJSON, all, this::lines);
    }

    private byte[] lines(List<ObjectInfo> batch) {
        return JsonText.lines(json, batch.stream().map(ObjectView::of));
    }

    private static Predicate<String> shown(ObjectStoreName store, UriInfo uri, RoutingContext context) {
        Caller caller = Caller.of(context);
        caller.requireSome(Verb.OBJECT_READ, store);
        String prefix = QueryParameters.single(uri, "prefix").orElse("");
        return name -> name.startsWith(prefix) && ObjectName.valid(name) && caller.reads(store, new ObjectName(name));
    }

    /** One page of objects, which can be empty. {@code next} is present if there may be more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Objects(
            List<ObjectView> objects, @Nullable String next) {
        private static Objects of(ObjectListing.ObjectPage page) {
            return new Objects(
                    page.objects().stream().map(ObjectView::of).toList(),
                    page.next().orElse(null));
        }
    }
}
