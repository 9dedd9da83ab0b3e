package dev.sluice.deploy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs the examples of {@code docs/STATE.md} for a browser in a real one. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class DocumentedBrowserExamplesIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path STATE = Path.of("docs/STATE.md");
    private static final String KEY = "/v1/buckets/menu/keys/tea/green";
    private static final String OBJECTS = "/v1/object-stores/media/objects/";

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    private Page page;

    @BeforeEach
    void openPage() {
        page.navigate(root + "?view=health");
        given().contentType("application/json").body("{}").put("/v1/buckets/menu");
        given().contentType("text/plain").body("4999").put(KEY);
        given().contentType("application/json").body("{}").put("/v1/object-stores/media");
    }

    @AfterEach
    void leave() {
        page.navigate("about:blank");
        given().delete("/v1/buckets/menu");
        given().delete("/v1/object-stores/media");
    }

    @Test
    void changesAKey() {
        run(script("await change("), "");

        given().get(KEY).then().body(equalTo("5099"));
    }

    @Test
    void watchesTheKeysOfABucket() {
        run(
                script("watch('menu'"),
                "await until(() => shown.at(-1)?.get('tea')?.value === '1');",
                () -> given().contentType("text/plain").body("1").put("/v1/buckets/menu/keys/tea"));
    }

    @Test
    void storesAFile() {
        run(
                "const file = new File(['x'], 'a b/ü.txt', {type: 'text/plain'});\n"
                        + script("encodeURIComponent(file.name)"),
                "");

        given().urlEncodingEnabled(false)
                .get(OBJECTS + "a%20b%2F%C3%BC.txt")
                .then()
                .statusCode(200)
                .body(equalTo("x"));
    }

    @Test
    void watchesTheObjectsOfAStore() {
        given().contentType("text/plain").body("x").put(OBJECTS + "films/a");

        run(script("watchObjects('media'"), "await until(() => shown.at(-1)?.has('films/a'));");
    }

    /** The element reads the head of the file and, after the seek, from the new position on. */
    @Test
    void aVideoElementSeeksByRange() {
        byte[] sound = sound(Duration.ofMinutes(10));
        given().contentType("audio/wav")
                .header("Content-Disposition", "inline")
                .body(sound)
                .put(OBJECTS + "film.wav")
                .then()
                .statusCode(201);
        List<String> ranges = new CopyOnWriteArrayList<>();
        page.onRequest(request -> ranges.add(range(request)));

        Object reached = page.evaluate("""
                async address => {
                  const video = document.createElement('video');
                  video.preload = 'metadata';
                  video.src = address;
                  document.body.append(video);
                  await new Promise((done, failed) => { video.onloadedmetadata = done; video.onerror = () => failed(video.error); });
                  const seeked = new Promise(done => { video.onseeked = done; });
                  video.currentTime = 540;
                  await seeked;
                  return [Math.round(video.duration), Math.round(video.currentTime)];
                }
                """, OBJECTS + "film.wav");

        assertThat(reached).isEqualTo(List.of(600, 540));
        assertThat(ranges).contains("bytes=0-").anyMatch(range -> start(range) > sound.length / 2);
    }

    private static String range(Request request) {
        return request.headers().getOrDefault("range", "");
    }

    private static long start(String range) {
        return range.startsWith("bytes=") ? Long.parseLong(range.replaceAll("bytes=(\\d+)-.*", "$1")) : 0;
    }

    /** Returns silence: one channel, 8,000 samples a second, each of two bytes. */
    private static byte[] sound(Duration length) {
        int samples = (int) length.toSeconds() * 8_000 * 2;
        return ByteBuffer.allocate(44 + samples)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(36 + samples)
                .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
                .putInt(16)
                .putShort((short) 1)
                .putShort((short) 1)
                .putInt(8_000)
                .putInt(16_000)
                .putShort((short) 2)
                .putShort((short) 16)
                .put("data".getBytes(StandardCharsets.US_ASCII))
                .putInt(samples)
                .array();
    }

    /** Returns the example that contains {@code text}. */
    private static String script(String text) {
        return Example.blocks(STATE, "js").stream()
                .filter(block -> block.contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError(STATE + " has no example with " + text));
    }

    private void run(String script, String then) {
        run(script, then, () -> {});
    }

    /** Runs a module in the page, where {@code show} keeps what it is called with, and waits for {@code then}. */
    private void run(String script, String then, Runnable meanwhile) {
        String body = script.replaceAll("import (\\{.*}) from ('.*');", "const $1 = await import($2);");
        page.evaluate("""
                () => {
                  const shown = [];
                  const show = entries => shown.push(new Map(entries));
                  const until = async condition => {
                    while (!condition()) await new Promise(done => setTimeout(done, 20));
                  };
                  window.example = 'running';
                  (async () => {
%s
%s
})()
                      .then(() => { window.example = 'done'; }, error => { window.example = String(error); });
                }
                """.formatted(body, then));
        meanwhile.run();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(page.evaluate("window.example")).isEqualTo("done"));
    }
}
