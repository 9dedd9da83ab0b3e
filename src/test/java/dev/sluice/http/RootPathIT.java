package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URL;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page below a path of its own, as behind a proxy that forwards only this path. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(RootPathIT.BelowAPath.class)
@Tag("slow")
class RootPathIT {
    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @Test
    void tailsAndPublishes() {
        Page page = browser.open().page();
        page.navigate(root + "?subject=page.>");
        assertThat(page.locator("#state")).hasText("connected");
        assertThat(page.locator("#try")).containsText(root + "v1/publish/page.demo");

        given().body("hello").post("/v1/publish/page.demo?ack=none").then().statusCode(202);

        assertThat(page.locator("#events")).containsText("hello");
        assertThat(root.getPath()).isEqualTo("/sluice/");
    }

    @Test
    void rejectsASemicolonInAPath() {
        given().urlEncodingEnabled(false)
                .body("x")
                .put("/v1/buckets/menu/keys/a;b")
                .then()
                .statusCode(400);
    }

    @Test
    void showsItsViews() {
        Page page = browser.open().page();
        page.navigate(root + "?view=streams");
        page.locator("tbody a")
                .getByText("ORDERS", new Locator.GetByTextOptions().setExact(true))
                .click();
        assertThat(page).hasURL(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page")).containsText("order-processor");

        page.locator("nav").getByText("Health").click();
        assertThat(page.locator("#page")).containsText("All checks");
        page.locator("nav").getByText("Tail").click();
        assertThat(page.locator("#state")).hasText("connected");
    }

    @Test
    void isRevalidatedAndHasItsPolicy() {
        given().get("/")
                .then()
                .statusCode(200)
                .header("ETag", matchesPattern("W/\"[0-9a-f]{32}\""))
                .header("Cache-Control", equalTo("no-cache"))
                .header("Content-Security-Policy", containsString("default-src 'self'"));
    }

    @Test
    void namesTheTypeOfAProblemBelowThePath() {
        given().get("/v1/streams/NOBODY")
                .then()
                .statusCode(404)
                .body("type", equalTo("/sluice/problems/no-stream"))
                .body("instance", equalTo("/sluice/v1/streams/NOBODY"));

        given().basePath("").get("/sluice/problems/no-stream").then().statusCode(200);
    }

    @Test
    void namesThePlaceOfAMessageBelowThePath() {
        given().contentType("application/json")
                .body("{\"subjects\":[\"places.>\"]}")
                .put("/v1/streams/PLACES")
                .then()
                .statusCode(201);

        given().body("hello")
                .post("/v1/publish/places.one")
                .then()
                .statusCode(201)
                .header("Location", equalTo("/sluice/v1/streams/PLACES/messages/1"));
    }

    @Test
    void namesThePlaceOfWhatAPutCreatesBelowThePath() {
        given().contentType("application/json")
                .body("{}")
                .put("/v1/buckets/PLACED")
                .then()
                .statusCode(201)
                .header("Location", equalTo("/sluice/v1/buckets/PLACED"));
    }

    @Test
    void keepsObjectsBelowThePath() {
        given().contentType("application/json")
                .body("{}")
                .put("/v1/object-stores/below")
                .then()
                .statusCode(201);

        given().body("hello").put("/v1/object-stores/below/objects/a").then().statusCode(201);

        given().get("/v1/object-stores/below/objects/a").then().statusCode(200);
    }

    /** The root path is a build-time setting of Quarkus. */
    public static final class BelowAPath implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.http.root-path", "/sluice");
        }
    }
}
