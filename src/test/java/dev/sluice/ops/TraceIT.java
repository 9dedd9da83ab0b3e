package dev.sluice.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One trace spans the publish request, the worker and the dead letter. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(TraceIT.Traced.class)
class TraceIT {
    private static final String CALLER = "0af7651916cd43dd8448eb211c80319c";
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");

    @Inject
    InMemorySpanExporter exported;

    @BeforeEach
    void awaitReady() {
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void spansTheRequestTheStreamTheWorkerAndTheDeadLetter() {
        given().header("traceparent", "00-" + CALLER + "-b7ad6b7169203331-01")
                .body("no order")
                .post("/v1/publish/orders.created")
                .then()
                .statusCode(201);

        await().atMost(Timeouts.LIMIT)
                .until(() -> ofCaller("dead.ORDERS").size() == 2
                        && ofCaller("ORDERS").size() == 2);

        SpanData request = single("POST /v1/publish/");
        SpanData publish = sent("orders.created");
        assertThat(request.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(publish.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(publish.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(ofCaller("ORDERS")).allSatisfy(process -> {
            assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
            assertThat(process.getParentSpanId()).isEqualTo(publish.getSpanId());
        });
        assertThat(ofCaller("dead.ORDERS"))
                .extracting(SpanData::getParentSpanId)
                .containsExactlyInAnyOrderElementsOf(
                        ofCaller("ORDERS").stream().map(SpanData::getSpanId).toList());
    }

    @Test
    void namesTheTraceInAProblem() {
        String trace = given().post("/v1/publish/a..b")
                .then()
                .statusCode(400)
                .extract()
                .path("trace_id");

        await().atMost(Timeouts.LIMIT).until(() -> exported.getFinishedSpanItems().stream()
                .anyMatch(span -> span.getTraceId().equals(trace)));
    }

    private SpanData single(String name) {
        return exported.getFinishedSpanItems().stream()
                .filter(span ->
                        span.getTraceId().equals(CALLER) && span.getName().startsWith(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + exported.getFinishedSpanItems()));
    }

    private SpanData sent(String subject) {
        List<SpanData> sent = ofCaller(subject);
        assertThat(sent).hasSize(1);
        return sent.get(0);
    }

    private List<SpanData> ofCaller(String destination) {
        return exported.getFinishedSpanItems().stream()
                .filter(span -> span.getTraceId().equals(CALLER))
                .filter(span -> destination.equals(span.getAttributes().get(DESTINATION)))
                .sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
                .toList();
    }

    /** Enables tracing and exports the spans to memory. */
    public static final class Traced implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.otel.sdk.disabled", "false",
                    "quarkus.otel.bsp.schedule.delay", "100ms");
        }

        @Produces
        @Singleton
        InMemorySpanExporter exporter() {
            return InMemorySpanExporter.create();
        }
    }
}
