package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.HttpExchange;

/** A complete HTTP response. */
public record Answer(int status, String type, String location, String retryAfter, String allow, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static Answer of(HttpExchange exchange) {
        exchange.head();
        return new Answer(
                exchange.status(),
                exchange.header("content-type"),
                exchange.header("location"),
                exchange.header("retry-after"),
                exchange.header("allow"),
                exchange.body());
    }

    public JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + body, e);
        }
    }

    /** Checks that this is the problem {@code name} and that it reveals no internals. */
    public Answer isProblem(int expected, String name) {
        assertThat(body).doesNotContain("Exception", "dev.sluice", "io.quarkus", "io.nats", "127.0.0.1", "\tat ");
        assertThat(status).as(body).isEqualTo(expected);
        assertThat(type).startsWith("application/problem+json");
        assertThat(json().path("status").intValue()).isEqualTo(expected);
        assertThat(json().path("type").textValue()).isEqualTo("/problems/" + name);
        assertThat(json().path("title").textValue()).isNotBlank();
        assertThat(json().path("detail").textValue()).isNotBlank();
        assertThat(json().path("instance").textValue()).startsWith("/");
        return this;
    }

    public Answer saying(String part) {
        assertThat(json().path("detail").asText()).contains(part);
        return this;
    }
}
