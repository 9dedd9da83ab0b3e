package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.sluice.access.Caller;
import dev.sluice.failure.Failure;
import dev.sluice.http.DurationText;
import dev.sluice.http.PutResponse;
import dev.sluice.http.QueryParameters;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.object.ObjectStoreCatalog;
import dev.sluice.stream.object.ObjectStoreInfo;
import dev.sluice.stream.object.ObjectStoreName;
import dev.sluice.stream.object.ObjectStoreSettings;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Object stores (ADR-20), whichever client created them. */
@Path("/v1/object-stores")
@Produces(MediaType.APPLICATION_JSON)
public final class ObjectStoreResource {
    private final ObjectStoreCatalog catalog;

    ObjectStoreResource(ObjectStoreCatalog catalog) {
        this.catalog = catalog;
    }

    /** Lists at most 256 object stores. {@code offset} is the {@code next_offset} of the previous page. */
    @GET
    public Uni<Listing> list(
            @RestQuery @DefaultValue("0") @Min(0) int offset, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "offset");
        Caller caller = Caller.of(context);
        return catalog.list(offset)
                .map(page -> Listing.of(page.only(
                        store -> caller.seesObjectStore(store.name()),
                        name -> caller.seesObjectStore(new ObjectStoreName(name)))));
    }

    @GET
    @Path("{store}")
    public Uni<ObjectStoreView> get(@RestPath String store, @Context RoutingContext context) {
        ObjectStoreName name = new ObjectStoreName(store);
        if (!Caller.of(context).seesObjectStore(name)) {
            throw Failure.FORBIDDEN.because("This caller may not read anything of " + name);
        }
        return catalog.info(name).map(ObjectStoreView::of);
    }

    /**
     * Creates or changes an object store. A field that the body omits is set to its default, even if the store has
     * another value, except for the storage and the number of replicas.
     */
    @PUT
    @Path("{store}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> put(
            @RestPath String store,
            @Valid @NotNull Definition body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri);
        ObjectStoreName name = new ObjectStoreName(store);
        Caller.of(context).requireAdministration(name);
        return catalog.declare(body.of(name))
                .map(declared -> PutResponse.of(context, declared.created(), ObjectStoreView.of(declared.value())));
    }

    @DELETE
    @Path("{store}")
    public Uni<Void> delete(@RestPath String store, @Context RoutingContext context) {
        ObjectStoreName name = new ObjectStoreName(store);
        Caller.of(context).requireAdministration(name);
        return catalog.delete(name);
    }

    /** One page of object stores. {@code next_offset} is present if there are more, {@code unavailable} if it has names. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            @JsonProperty("object_stores") List<ObjectStoreView> stores,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> unavailable,
            @JsonProperty("next_offset") @Nullable Integer nextOffset) {

        private static Listing of(ListPage<ObjectStoreInfo> page) {
            return new Listing(
                    page.items().stream().map(ObjectStoreView::of).toList(), page.unavailable(), page.nextOffset());
        }
    }

    /** The definition of an object store. */
    public record Definition(
            @JsonProperty("max_age") @JsonDeserialize(using = DurationText.Reader.class) @Nullable
            Duration maxAge,

            @JsonProperty("max_bytes") @Min(1) @Nullable Long maxBytes,
            @Min(1) @Max(5) @Nullable Integer replicas,
            @Nullable String storage,
            @Nullable String description,
            @Nullable Boolean compression,
            @Nullable Boolean sealed) {

        private ObjectStoreSettings of(ObjectStoreName name) {
            return new ObjectStoreSettings(
                    name,
                    Objects.requireNonNullElse(maxAge, Duration.ZERO),
                    Objects.requireNonNullElse(maxBytes, -1L),
                    replicas == null ? OptionalInt.empty() : OptionalInt.of(replicas),
                    Optional.ofNullable(storage),
                    Optional.ofNullable(description),
                    Boolean.TRUE.equals(compression),
                    Boolean.TRUE.equals(sealed));
        }
    }
}
