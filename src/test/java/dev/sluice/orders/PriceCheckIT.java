package dev.sluice.orders;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.RequestConfig;
import dev.sluice.nats.Requester;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A price service that is unavailable holds an order. Its other errors cost the order a delivery, or reject it. */
class PriceCheckIT {
    private static final Order ORDER = new Order("A-17", 4999, Optional.of("P-1"));

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final PriceCheck check = new PriceCheck(
            new Requester(links, Settings.of(RequestConfig.class, Map.of())),
            Settings.of(OrdersConfig.class, Map.of("sluice.orders.price-timeout", "300ms")));
    private Connection service;

    @BeforeEach
    void connect() throws Exception {
        service = Nats.connect(server.url());
        await().atMost(Timeouts.LIMIT).until(links.publishing()::up);
    }

    @AfterEach
    void close() throws Exception {
        service.close();
        links.close();
        server.close();
    }

    @Test
    void isUnavailableWithoutAService() {
        isUnavailable();
    }

    @Test
    void isUnavailableWhileTheServiceDoesNotAnswer() throws Exception {
        service.createDispatcher(request -> {}).subscribe("pricing.lookup");
        service.flush(Timeouts.LIMIT);

        isUnavailable();
    }

    @Test
    void isUnavailableWhileTheServiceReportsIt() throws Exception {
        serveError("503");

        isUnavailable();
    }

    @Test
    void usesADeliveryIfTheServiceFails() throws Exception {
        serveError("500");

        assertThat(outcome()).isInstanceOf(Outcome.RetryAfter.class);
    }

    @Test
    void rejectsAnOrderWhosePriceIsUnknown() throws Exception {
        serveError("404");

        assertThat(outcome()).isInstanceOf(Outcome.Reject.class);
    }

    @Test
    void takesNoPriceBeyondALong() throws Exception {
        service.createDispatcher(request ->
                        service.publish(request.getReplyTo(), "{\"price\":18446744073709551617}".getBytes(UTF_8)))
                .subscribe("pricing.lookup");
        service.flush(Timeouts.LIMIT);

        assertThatThrownBy(this::outcome).matches(Failure.INTERNAL::matches);
    }

    private void isUnavailable() {
        assertThatThrownBy(this::outcome).matches(Failure.UNAVAILABLE::matches);
    }

    private Outcome outcome() {
        return check.handle(ORDER).await().atMost(Timeouts.LIMIT);
    }

    private void serveError(String code) throws Exception {
        Headers headers = new Headers().add("Nats-Service-Error-Code", code).add("Nats-Service-Error", "on purpose");
        service.createDispatcher(request -> service.publish(NatsMessage.builder()
                        .subject(request.getReplyTo())
                        .headers(headers)
                        .build()))
                .subscribe("pricing.lookup");
        service.flush(Timeouts.LIMIT);
    }
}
