package dev.sluice.http;

import static io.restassured.RestAssured.given;

import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

/** A stream for one test, with one consumer, and a NATS connection separate from the service. */
public final class TestWork implements AutoCloseable {
    public final Connection nats;
    public final String stream = "W" + UUID.randomUUID().toString().substring(0, 8);
    public final String consumer = "worker";

    public TestWork(NatsServer server) {
        try {
            nats = Nats.connect(server.url());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        create(stream, stream + ".>");
        declare(ConsumerConfiguration.builder()
                .durable(consumer)
                .ackWait(Duration.ofSeconds(30))
                .build());
    }

    public void create(String name, String... subjects) {
        manage(management -> management.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(subjects)
                .storageType(StorageType.Memory)
                .build()));
    }

    public void declare(ConsumerConfiguration configuration) {
        manage(management -> management.addOrUpdateConsumer(stream, configuration));
    }

    public ConsumerInfo info() {
        return manage(management -> management.getConsumerInfo(stream, consumer));
    }

    /** Publishes and waits until the message is stored. */
    public void publish(String payload) {
        publish(payload.getBytes(StandardCharsets.UTF_8), null);
    }

    public void publish(byte[] payload, Headers headers) {
        manage(management -> nats.jetStream()
                .publish(NatsMessage.builder()
                        .subject(stream + ".item")
                        .headers(headers)
                        .data(payload)
                        .build()));
    }

    public String path() {
        return "/v1/streams/" + stream + "/consumers/" + consumer;
    }

    public Response fetch(String body) {
        return given().contentType(ContentType.JSON).body(body).post(path() + "/fetch");
    }

    /** Fetches one message and returns its ack token. */
    public String token() {
        return fetch("{\"batch\":1}").then().statusCode(200).extract().path("messages[0].ack_token");
    }

    public Response ack(String query, String body) {
        return given().contentType(ContentType.JSON).body(body).post(path() + "/ack" + query);
    }

    public <T> T manage(ManagementCall<T> action) {
        return ManagementCall.make(nats, action);
    }

    @Override
    public void close() {
        try {
            manage(management -> management.deleteStream(stream));
            nats.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
