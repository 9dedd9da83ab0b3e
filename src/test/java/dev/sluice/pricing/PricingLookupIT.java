package dev.sluice.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.RequestConfig;
import dev.sluice.nats.Requester;
import dev.sluice.nats.RespondConfig;
import dev.sluice.nats.Responders;
import dev.sluice.nats.ServiceDescription;
import dev.sluice.nats.ServiceError;
import dev.sluice.nats.Subject;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.bucket.BucketConfig;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Request/reply on {@code pricing.lookup}: every request gets a price or an error. The responder is visible as a NATS
 * service.
 */
@TestInstance(Lifecycle.PER_CLASS)
class PricingLookupIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final StoredPublisher publisher =
            TestPublishing.publisher(links.publishing(), Settings.of(PublishConfig.class, Map.of()));
    private final PullConfig pullConfig = Settings.of(PullConfig.class, Map.of());
    private final JetStreamApis jetStream = new JetStreamApis(links, pullConfig);
    private final PullSubscriptions pulls = new PullSubscriptions(links, jetStream, pullConfig);
    private final Buckets buckets =
            new Buckets(links, jetStream, publisher, pulls, Settings.of(BucketConfig.class, Map.of()));
    private final Responders responders = new Responders(
            links,
            Settings.of(RespondConfig.class, Map.of("sluice.respond.window", "1", "sluice.respond.timeout", "500ms")));
    private final Requester requester = new Requester(links, Settings.of(RequestConfig.class, Map.of()));
    private final PricingConfig config = Settings.of(PricingConfig.class, Map.of());
    private final Prices prices = new Prices(buckets, config);
    private Connection other;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        other = Nats.connect(server.url());
        new PriceLookup(prices, responders, config, JSON).start(new StartupEvent());
        Awaitility.await()
                .atMost(Timeouts.LIMIT)
                .untilAsserted(() -> prices.find(new BucketKey("none")).await().atMost(Timeouts.LIMIT));
        prices.set(new BucketKey("A-17"), 4999).await().atMost(Timeouts.LIMIT);
        awaitServed();
    }

    @AfterAll
    void close() throws InterruptedException {
        other.close();
        requester.close();
        responders.close();
        buckets.close();
        pulls.close();
        publisher.close();
        links.close();
        server.close();
    }

    @Test
    void answersWithThePrice() {
        InboundMessage reply = ask("pricing.lookup", "{\"product_id\":\"A-17\"}");

        assertThat(text(reply)).isEqualTo("{\"price\":4999}");
        assertThat(ServiceError.of(reply)).isEmpty();
    }

    @Test
    void answersAnUnknownProductWithAnError() throws JsonProcessingException {
        InboundMessage reply = ask("pricing.lookup", "{\"product_id\":\"no-such\"}");

        assertThat(ServiceError.of(reply).orElseThrow().failure()).isEqualTo(Failure.NOT_FOUND);
        assertThat(JSON.readTree(text(reply)).get("error").textValue()).contains("no-such");
    }

    @Test
    void answersAMalformedRequestWithAnError() {
        for (String malformed : new String[] {
            "",
            "not JSON",
            "null",
            "[]",
            "{}",
            "{\"product_id\":null}",
            "{\"product_id\":\"a..*\"}",
            "{\"product_id\":{}}"
        }) {
            InboundMessage reply = ask("pricing.lookup", malformed);

            assertThat(ServiceError.of(reply).map(ServiceError::code))
                    .as(malformed)
                    .contains(400);
            assertThat(text(reply)).startsWith("{\"error\":");
        }
    }

    @Test
    void isVisibleAsAService() throws IOException {
        JsonNode ping = discover("$SRV.PING.pricing");
        JsonNode info = discover("$SRV.INFO.pricing");
        JsonNode stats = discover("$SRV.STATS.pricing." + ping.get("id").textValue());

        assertThat(ping.get("type").textValue()).isEqualTo("io.nats.micro.v1.ping_response");
        assertThat(ping.get("name").textValue()).isEqualTo("pricing");
        assertThat(info.at("/endpoints/0/subject").textValue()).isEqualTo("pricing.lookup");
        assertThat(info.at("/endpoints/0/queue_group").textValue()).isEqualTo("q");
        assertThat(stats.get("type").textValue()).isEqualTo("io.nats.micro.v1.stats_response");
        assertThat(stats.at("/endpoints/0/num_requests").isIntegralNumber()).isTrue();
    }

    @Test
    void answersWithAnErrorIfTheWorkTimesOut() {
        serve("slow.work", message -> Uni.createFrom().nothing());

        InboundMessage reply = ask("slow.work", "");

        assertThat(ServiceError.of(reply).orElseThrow().failure()).isEqualTo(Failure.TIMEOUT);
    }

    @Test
    void rejectsALookupAtOnceIfTheWindowIsFull() {
        serve("full.work", message -> Uni.createFrom().nothing());
        UniAssertSubscriber<InboundMessage> first =
                request("full.work", "").subscribe().withSubscriber(UniAssertSubscriber.create());

        InboundMessage second = ask("full.work", "");

        assertThat(ServiceError.of(second).map(ServiceError::code)).contains(503);
        first.awaitItem(Timeouts.LIMIT);
    }

    @Test
    void answersWithAnErrorWhenTheWorkThrows() {
        serve("broken.work", message -> {
            throw new IllegalStateException("secret");
        });

        InboundMessage reply = ask("broken.work", "");

        assertThat(ServiceError.of(reply)).contains(new ServiceError(500, "The service failed"));
    }

    @Test
    void reportsNoResponders() {
        SluiceException failure = catchThrowableOfType(SluiceException.class, () -> ask("nobody.serves", ""));

        assertThat(failure.failure()).isEqualTo(Failure.NO_RESPONDERS);
    }

    @Test
    void servesAgainAfterTheServerWasKilled() {
        server.kill();
        server.start();

        awaitServed();
    }

    private void awaitServed() {
        Awaitility.await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> text(ask(
                        "pricing.lookup", "{\"product_id\":\"A-17\"}"))
                .equals("{\"price\":4999}"));
    }

    private void serve(String subject, Function<InboundMessage, Uni<byte[]>> work) {
        String name = subject.replace('.', '-');
        responders.serve(new ServiceDescription(name, "1.0.0", ""), new Subject(subject), work);
        Awaitility.await()
                .atMost(Timeouts.LIMIT)
                .until(() -> other.request("$SRV.PING." + name, null, Timeouts.LIMIT) != null);
    }

    private JsonNode discover(String subject) throws IOException {
        Message reply = Awaitility.await()
                .atMost(Timeouts.LIMIT)
                .until(() -> other.request(subject, null, Timeouts.LIMIT), Objects::nonNull);
        return JSON.readTree(reply.getData());
    }

    private Uni<InboundMessage> request(String subject, String text) {
        return requester.request(
                new OutboundMessage(new Subject(subject), Map.of(), text.getBytes(StandardCharsets.UTF_8)),
                Timeouts.LIMIT);
    }

    private InboundMessage ask(String subject, String text) {
        return request(subject, text).await().atMost(Timeouts.LIMIT.plusSeconds(1));
    }

    private static String text(InboundMessage message) {
        return new String(message.data(), StandardCharsets.UTF_8);
    }
}
