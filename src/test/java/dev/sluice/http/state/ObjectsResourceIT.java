package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.TestStore;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.ObjectMeta;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of objects over REST. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ObjectsResourceIT {
    @NatsServerResource.Server
    NatsServer server;

    private TestStore store;

    @BeforeEach
    void create() {
        store = new TestStore(server);
    }

    @AfterEach
    void delete() {
        store.close();
    }

    @Test
    void listsObjects() throws Exception {
        store.twin.put(
                ObjectMeta.builder("tea/green").description("d").build(), new ByteArrayInputStream(new byte[10]));
        store.twin.put("tea/black", new byte[20]);
        store.twin.put("gone", new byte[1]);
        store.twin.delete("gone");
        store.twin.addLink("link", store.twin.getInfo("tea/green"));

        when().get(objects(""))
                .then()
                .statusCode(200)
                .body("objects.name", contains("link", "tea/black", "tea/green"))
                .body("objects[0].link.name", equalTo("tea/green"))
                .body("objects[2].size", equalTo(10))
                .body("objects[2].chunks", equalTo(1))
                .body("objects[2].description", equalTo("d"))
                .body(
                        "objects[2].digest",
                        equalTo(store.twin.getInfo("tea/green").getDigest()))
                .body("next", nullValue());
        when().get(objects("?prefix=tea/")).then().body("objects.name", contains("tea/black", "tea/green"));
    }

    @Test
    void listsNothingOfAnEmptyStore() {
        when().get(objects("")).then().statusCode(200).body("objects", hasSize(0));
        given().accept("application/x-ndjson")
                .get(objects(""))
                .then()
                .statusCode(200)
                .body(equalTo(""));
    }

    @Test
    void listsEachObjectOnceAcrossPages() throws Exception {
        for (int i = 0; i < 25; i++) {
            store.twin.put("o" + i, new byte[1]);
        }
        List<String> listed = new ArrayList<>();
        String next = "";

        while (next != null) {
            Response page = when().get(objects("?limit=10" + (next.isEmpty() ? "" : "&next=" + next)));
            listed.addAll(page.path("objects.name"));
            next = page.path("next");
            store.twin.put("o3", new byte[2]);
        }

        assertThat(listed).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void streamsTheObjects() throws Exception {
        store.twin.put("a", new byte[1]);
        store.twin.put("b", new byte[2]);

        String[] lines = given().accept("application/x-ndjson")
                .get(objects(""))
                .asString()
                .split("\n");

        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper().readTree(lines[1]).path("size").intValue())
                .isEqualTo(2);
    }

    @Test
    void answers404ForAnUnknownStore() {
        when().get("/v1/object-stores/none/objects")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-object-store"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=1001", "?limit=x", "?filter=a"})
    void rejectsABadQuery(String query) {
        when().get(objects(query)).then().statusCode(400);
    }

    @Test
    void hasNoPagesInAStream() {
        given().accept("application/x-ndjson").get(objects("?limit=5")).then().statusCode(400);
    }

    private String objects(String query) {
        return "/v1/object-stores/" + store.name + "/objects" + query;
    }
}
