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
import dev.sluice.stream.bucket.BucketCatalog;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketInfo;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.bucket.BucketSettings;
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
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Key-value buckets (ADR-8), whichever client created them. */
@Path("/v1/buckets")
@Produces(MediaType.APPLICATION_JSON)
public final class BucketResource {
    private final BucketCatalog catalog;

    BucketResource(BucketCatalog catalog) {
        this.catalog = catalog;
    }

    /** Lists at most 256 buckets. {@code offset} is the {@code next_offset} of the previous page. */
    @GET
    public Uni<Listing> list(
            @RestQuery @DefaultValue("0") @Min(0) int offset, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "offset");
        Caller caller = Caller.of(context);
        return catalog.list(offset)
                .map(page -> Listing.of(page.only(
                        bucket -> caller.seesBucket(bucket.name()), name -> caller.seesBucket(new BucketName(name)))));
    }

    @GET
    @Path("{bucket}")
    public Uni<BucketView> get(@RestPath String bucket, @Context RoutingContext context) {
        BucketName name = new BucketName(bucket);
        if (!Caller.of(context).seesBucket(name)) {
            throw Failure.FORBIDDEN.because("This caller may not read anything of " + name);
        }
        return catalog.info(name).map(BucketView::of);
    }

    /**
     * Creates or changes a bucket. A field that the body omits is set to its default, even if the bucket has another
     * value, except for the storage, the number of replicas and {@code marker_ttl}.
     */
    @PUT
    @Path("{bucket}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> put(
            @RestPath String bucket,
            @Valid @NotNull Definition body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri);
        BucketName name = new BucketName(bucket);
        Caller.of(context).requireAdministration(name);
        return catalog.declare(body.of(name))
                .map(declared -> PutResponse.of(context, declared.created(), BucketView.of(declared.value())));
    }

    @DELETE
    @Path("{bucket}")
    public Uni<Void> delete(@RestPath String bucket, @Context RoutingContext context) {
        BucketName name = new BucketName(bucket);
        Caller.of(context).requireAdministration(name);
        return catalog.delete(name);
    }

    /** One page of buckets. {@code next_offset} is present if there are more, {@code unavailable} if it has names. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            List<BucketView> buckets,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> unavailable,
            @JsonProperty("next_offset") @Nullable Integer nextOffset) {

        private static Listing of(ListPage<BucketInfo> page) {
            return new Listing(
                    page.items().stream().map(BucketView::of).toList(), page.unavailable(), page.nextOffset());
        }
    }

    /** The definition of a bucket. */
    public record Definition(
            @Nullable @Min(1) @Max(64) Integer history,

            @JsonProperty("max_age") @JsonDeserialize(using = DurationText.Reader.class) @Nullable
            Duration maxAge,

            @JsonProperty("max_value_size") @Min(1) @Max(Integer.MAX_VALUE) @Nullable
            Integer maxValueSize,

            @JsonProperty("max_bytes") @Min(1) @Nullable Long maxBytes,
            @Min(1) @Max(5) @Nullable Integer replicas,
            @Nullable String storage,

            @JsonProperty("marker_ttl") @JsonDeserialize(using = DurationText.Reader.class) @Nullable
            Duration markerTtl,

            @Nullable String description) {

        private BucketSettings of(BucketName name) {
            return new BucketSettings(
                    new BucketDefinition(
                            name.value(),
                            Objects.requireNonNullElse(history, 1),
                            Objects.requireNonNullElse(maxAge, Duration.ZERO),
                            Objects.requireNonNullElse(replicas, 1),
                            Objects.requireNonNullElse(maxBytes, -1L)),
                    replicas != null,
                    Objects.requireNonNullElse(maxValueSize, -1),
                    Optional.ofNullable(storage),
                    Optional.ofNullable(markerTtl),
                    Optional.ofNullable(description));
        }
    }
}
