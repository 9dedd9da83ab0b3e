package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathTemplateTest {

    @ParameterizedTest
    @CsvSource({
        "/v1/streams, /v1/streams",
        "/v1/streams/{stream}, /v1/streams/ORDERS",
        "/v1/streams//{stream}/, /v1/streams/ORDERS",
        "/v1/orders/:order_id/events, /v1/orders/7/events",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets/menu/keys/tea",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets/menu/keys/tea/green"
    })
    void matchesItsPaths(String declared, String path) {
        assertThat(PathTemplate.of(declared).matches(path)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/streams, /v1/stream",
        "/v1/streams, /v1/streams/",
        "/v1/streams, /v1/streamss",
        "/v1/streams, /v1",
        "/v1/streams/{stream}, /v1/streams",
        "/v1/streams/{stream}, /v1/streams/",
        "/v1/streams/{stream}, /v1/streams/a/b",
        "/v1/streams/{stream}/purge, /v1/streams/a/b",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets/menu/keys/",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets/menu/keys",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets//keys/tea"
    })
    void matchesNoOtherPath(String declared, String path) {
        assertThat(PathTemplate.of(declared).matches(path)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/orders/:order_id/events, /v1/orders/{order_id}/events",
        "/v1/buckets/{bucket}/keys/{key:.+}, /v1/buckets/{bucket}/keys/{key}"
    })
    void isWrittenWithPlainVariables(String declared, String text) {
        assertThat(PathTemplate.of(declared)).hasToString(text);
    }
}
