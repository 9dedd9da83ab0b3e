package dev.sluice.demo;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.ConsoleLink;
import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.ConfigurationFields;
import dev.sluice.stream.StreamDefinition;
import dev.sluice.stream.catalog.Catalog;
import io.quarkus.arc.profile.UnlessBuildProfile;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the orders, prices and logs of three made-up services for a minute, so that a new installation has something
 * to look at. A stream keeps them, so that they have a position and a history. A production build does not contain it. It
 * exists only while access is open.
 *
 * <p>Bounds: {@value #PER_SECOND} messages per second, {@value #SECONDS} seconds, one run at a time; the stream is in
 * memory and keeps an hour. A run ends when NATS is away. If the stream cannot be created, for example without JetStream,
 * the messages are live only.
 */
@Singleton
@UnlessBuildProfile("prod")
final class DemoTraffic implements ConsoleLink {
    static final int PER_SECOND = 5;
    static final int SECONDS = 60;

    private static final String NAME = "demo";
    private static final String PATH = "/" + NAME;
    /** Browsers let pages of other origins send this type only after a preflight, which is not answered. */
    private static final String JSON = "application/json";

    private static final String SUBJECTS = "demo.>";
    private static final StreamDefinition STREAM = new StreamDefinition(
            "DEMO",
            new ConfigurationFields()
                    .texts("subjects", List.of(SUBJECTS))
                    .text("storage", "memory")
                    .duration("max_age", Duration.ofHours(1)));

    private static final Logger LOG = Logger.getLogger(DemoTraffic.class);

    private final Catalog catalog;
    private final CorePublisher publisher;
    private final boolean open;
    private @Nullable Cancellable run;

    @Inject
    DemoTraffic(Catalog catalog, NatsLinks links, AccessConfig access) {
        this.catalog = catalog;
        this.publisher = new CorePublisher(links);
        this.open = access.mode() == AccessConfig.Mode.OPEN;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String address() {
        return NAME;
    }

    @Override
    public boolean present() {
        return open;
    }

    void register(@Observes Router router) {
        if (open) {
            router.post(PATH).consumes(JSON).handler(this::start);
        }
    }

    @PreDestroy
    synchronized void stop() {
        if (run != null) {
            run.cancel();
        }
    }

    private void start(RoutingContext request) {
        stored().emitOn(ContextExecutor.of(request)).subscribe().with(done -> {
            publish();
            answer(request);
        });
    }

    /** Completes when the stream exists, or cannot. One of that name that exists stays as it is. */
    private Uni<Void> stored() {
        return catalog.stream(STREAM.name())
                .replaceWithVoid()
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithUni(() -> catalog.declare(STREAM).replaceWithVoid())
                .onFailure()
                .invoke(failure -> LOG.infof("No stream keeps the demo traffic: %s", failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    /** Starts a run, which ends the one in progress. */
    private synchronized void publish() {
        stop();
        run = Multi.createFrom()
                .ticks()
                .every(Duration.ofSeconds(1).dividedBy(PER_SECOND))
                .onOverflow()
                .drop()
                .select()
                .first(SECONDS * PER_SECOND)
                .onItem()
                .invoke(number -> publisher.publish(message(number)))
                .onFailure()
                .recoverWithCompletion()
                .subscribe()
                .with(published -> {});
    }

    private static void answer(RoutingContext request) {
        request.response()
                .setStatusCode(202)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(new JsonObject()
                        .put("subjects", new JsonArray(List.of(SUBJECTS)))
                        .put("messages_per_second", PER_SECOND)
                        .put("seconds", SECONDS)
                        .toBuffer());
    }

    private static OutboundMessage message(long number) {
        long order = 1_000 + number / PER_SECOND;
        return switch ((int) (number % PER_SECOND)) {
            case 0 ->
                message(
                        "demo.orders.created",
                        "{\"order\":" + order + ",\"product\":\"tea-" + number % 7 + "\",\"amount\":2}");
            case 1 ->
                message(
                        "demo.prices.changed",
                        "{\"product\":\"tea-" + number % 7 + "\",\"price\":" + (400 + number % 90) + "}");
            case 2 -> message("demo.logs.checkout.info", "order " + order + " received");
            case 3 -> message("demo.logs.catalog.warn", "price of tea-" + number % 7 + " is older than a day");
            default ->
                order % 5 == 0
                        ? message("demo.logs.shipping.error", "no address for order " + order)
                        : message("demo.logs.shipping.info", "order " + order + " packed");
        };
    }

    private static OutboundMessage message(String subject, String text) {
        return new OutboundMessage(new Subject(subject), Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }
}
