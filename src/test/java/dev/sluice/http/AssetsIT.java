package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser with a cached page revalidates it, so it shows the page of the running service. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AssetsIT {
    private static final Pattern IMPORT = Pattern.compile(
            "(?:^|[;}\\n])\\s*(?:import|export)\\b(?:[\\w\\s{},*$]*\\bfrom)?\\s*[\"'](\\.[^\"']+)[\"']");
    private static final Pattern PRELOAD = Pattern.compile("<link rel=\"modulepreload\" href=\"([^\"]+)\">");

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

    @Test
    void areNotWhatAnAddressOfThousandsOfSegmentsNames() {
        try (HttpExchange exchange = get("/" + "a/".repeat(3_900) + "a.js", "X: y")) {
            assertThat(exchange.head().status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/console/main.js", "/sluice-events.js", "/console/console.css"})
    void areCompressedForAClientThatTakesGzip(String path) throws IOException {
        HttpResponse<byte[]> plain = bytes(path, "identity");
        HttpResponse<byte[]> compressed = bytes(path, "br, gzip");

        assertThat(compressed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(compressed.headers().firstValue("Content-Type"))
                .isEqualTo(plain.headers().firstValue("Content-Type"));
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        for (HttpResponse<byte[]> response : List.of(plain, compressed)) {
            assertThat(response.headers().allValues("Vary")).contains("accept-encoding");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip;q=0", "br", "identity"})
    void areNotCompressedForAnotherClient(String codings) throws IOException {
        assertThat(bytes("/console/main.js", codings).headers().firstValue("Content-Encoding"))
                .isEmpty();
    }

    /** Both forms have one content: a browser revalidates the one that it has. */
    @Test
    void areRevalidatedInTheirCompressedForm() throws IOException {
        String tag =
                bytes("/console/main.js", "gzip").headers().firstValue("ETag").orElseThrow();

        assertThat(tag).matches("W/\"[0-9a-f]{32}\"");
        try (HttpExchange again = get("/console/main.js", "Accept-Encoding: gzip\r\nIf-None-Match: " + tag)) {
            assertThat(again.head().status()).isEqualTo(304);
            assertThat(again.header("ETag")).isEqualTo(tag);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=5-2", "bytes=99999999999999999999-3", "bytes=x", "lines=0-3"})
    void areSentWholeForAnInvalidRange(String range) {
        try (HttpExchange exchange = get("/icon.svg", "Range: " + range)) {
            assertThat(exchange.head().status()).isEqualTo(200);
            assertThat(exchange.body()).endsWith("</svg>\n");
        }
    }

    @Test
    void areSentInRanges() {
        try (HttpExchange exchange = get("/icon.svg", "Range: bytes=0-3")) {
            assertThat(exchange.head().status()).isEqualTo(206);
            assertThat(exchange.body()).isEqualTo("<svg");
        }
        try (HttpExchange exchange = get("/icon.svg", "Range: bytes=99999999-")) {
            Answer.of(exchange).isProblem(416, "range-not-satisfiable").saying("end");
            assertThat(exchange.header("Content-Range")).startsWith("bytes */");
        }
    }

    @Test
    void areNotSentInTheAnswerToHead() {
        try (HttpExchange connection = new HttpExchange(root.getPort())) {
            connection.send("HEAD /console/main.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
            assertThat(connection.head().header("Content-Encoding")).isEqualTo("gzip");

            connection.send("GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(connection.head().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sluice-events.js", "/icon.svg", "/session"})
    void haveTheTypeAndTheLengthInTheAnswerToHeadToo(String path) {
        try (HttpExchange got = get(path, "X: y");
                HttpExchange head = send("HEAD", path)) {
            got.head();
            assertThat(head.head().status()).isEqualTo(200);
            assertThat(head.header("Content-Type")).isNotNull().isEqualTo(got.header("Content-Type"));
            assertThat(head.header("Content-Length")).isEqualTo(got.header("Content-Length"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sluice-events.js", "/session"})
    void areNotChangedOverHttp(String path) {
        for (String method : List.of("POST", "PUT", "DELETE")) {
            try (HttpExchange refused = send(method, path)) {
                assertThat(refused.head().status()).isEqualTo(405);
                assertThat(refused.header("Allow")).isEqualTo("GET, HEAD");
                assertThat(refused.body()).contains("method-not-allowed");
            }
        }
    }

    /** The length of a compressed response with a secret tells about it (BREACH). */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/permissions", "/session", "/v1/streams"})
    void areAllThatIsCompressed(String path) throws IOException {
        assertThat(bytes(path, "gzip").headers().firstValue("Content-Encoding")).isEmpty();
    }

    /** Else a browser finds a module only after it has loaded the one that imports it. */
    @Test
    void areNamedByThePageIfTheyAreModules() throws IOException {
        Set<String> modules = new TreeSet<>();
        for (Deque<String> open = new ArrayDeque<>(List.of("/console/main.js")); !open.isEmpty(); ) {
            String module = open.pop();
            Matcher imports = IMPORT.matcher(text(module));
            while (imports.find()) {
                String imported = URI.create(module).resolve(imports.group(1)).getPath();
                if (modules.add(imported)) {
                    open.push(imported);
                }
            }
        }

        assertThat(PRELOAD.matcher(text("/")).results().map(link -> "/" + link.group(1)))
                .containsExactlyElementsOf(modules);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "//", "/index%2Ehtml", "/console/../index.html"})
    void loadNothingFromOtherOrigins(String path) {
        try (HttpExchange page = get(path, "X: y")) {
            assertThat(page.head().header("Content-Security-Policy")).contains("default-src 'self'");
            assertThat(page.body()).doesNotContain("data:,");
        }
    }

    private String text(String path) throws IOException {
        return new String(bytes(path, "identity").body(), StandardCharsets.UTF_8);
    }

    private HttpResponse<byte[]> bytes(String path, String codings) throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(root.resolve(path))
                                    .header("Accept-Encoding", codings)
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpExchange send(String method, String path) {
        return new HttpExchange(root.getPort())
                .send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    }

    private HttpExchange get(String path, String header) {
        return new HttpExchange(root.getPort())
                .send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
    }
}
