package dev.sluice.demo;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.ConsoleLink;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import io.quarkus.arc.profile.UnlessBuildProfile;
import io.smallrye.mutiny.Multi;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the orders, prices and logs of three made-up services for a minute, so that a new installation has something
 * to look at. A production build does not contain it. It exists only while access is open.
 *
 * <p>Bounds: {@value #PER_SECOND} messages per second, {@value #SECONDS} seconds, one run at a time. A run ends when
 * NATS is away.
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

    private static final List<String> SUBJECTS = List.of("demo.>", "logs.>");

    private final CorePublisher publisher;
    private final boolean open;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile @Nullable Cancellable run;

    @Inject
    DemoTraffic(NatsLinks links, AccessConfig access) {
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
    void stop() {
        Cancellable started = run;
        if (started != null) {
            started.cancel();
        }
    }

    /** Starts a run, unless one is in progress. */
    private void start(RoutingContext request) {
        if (running.compareAndSet(false, true)) {
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
                    .onTermination()
                    .invoke(() -> running.set(false))
                    .subscribe()
                    .with(published -> {});
        }
        request.response()
                .setStatusCode(202)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(new JsonObject()
                        .put("subjects", new JsonArray(SUBJECTS))
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
            case 2 -> message("logs.checkout.info", "order " + order + " received");
            case 3 -> message("logs.catalog.warn", "price of tea-" + number % 7 + " is older than a day");
            default ->
                order % 5 == 0
                        ? message("logs.shipping.error", "no address for order " + order)
                        : message("logs.shipping.info", "order " + order + " packed");
        };
    }

    private static OutboundMessage message(String subject, String text) {
        return new OutboundMessage(new Subject(subject), Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }
}
