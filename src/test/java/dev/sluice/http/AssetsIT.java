package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser with a cached page revalidates it, so it shows the page of the running service. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AssetsIT {
    @TestHTTPResource("/")
    URI root;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/index.html",
                "/console/main.js",
                "/sluice-events.js",
                "/console/console.css",
                "/icon.svg",
                "/webjars/uplot/dist/uPlot.esm.js",
                "/_static/lit-html/lit-html.js"
            })
    void areRevalidatedByTheirContent(String path) {
        try (HttpExchange first = get(path, "X: y")) {
            String tag = first.head().header("ETag");

            assertThat(first.status()).isEqualTo(200);
            assertThat(first.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(first.header("Content-Type")).isNotNull();
            assertThat(first.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(tag).matches("\"[0-9a-f]{32}\"");
            try (HttpExchange again = get(path, "If-None-Match: " + tag)) {
                assertThat(again.head().status()).isEqualTo(304);
            }
            try (HttpExchange stale = get(path, "If-None-Match: \"another\"")) {
                assertThat(stale.head().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "//", "/index%2Ehtml", "/console/../index.html"})
    void loadNothingFromOtherOrigins(String path) {
        try (HttpExchange page = get(path, "X: y")) {
            assertThat(page.head().header("Content-Security-Policy")).contains("default-src 'self'");
            assertThat(page.body()).doesNotContain("data:,");
        }
    }

    private HttpExchange get(String path, String header) {
        return new HttpExchange(root.getPort())
                .send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
    }
}
