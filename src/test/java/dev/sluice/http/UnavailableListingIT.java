package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsClusterResource;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lists of what has one replica, after a server was killed. */
@QuarkusTest
@QuarkusTestResource(value = NatsClusterResource.class, restrictToAnnotatedClass = true)
@Tag("slow")
class UnavailableListingIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int EACH = 3;
    private static final String REPLICATED = "REPLICATED";

    NatsCluster cluster;

    @Test
    void nameWhatTheServerHolds() {
        createStream(REPLICATED, 3, "replicated");
        cluster.awaitCurrent(REPLICATED);
        Map<String, String> streams = new TreeMap<>();
        Map<String, String> buckets = new TreeMap<>();
        Map<String, String> stores = new TreeMap<>();
        Map<String, String> consumers = new TreeMap<>();
        for (int i = 0; i < EACH; i++) {
            String name = "ONE" + i;
            streams.put(name, createStream(name, 1, "one." + i));
            buckets.put(name, createStream("KV_" + name, 1, "$KV." + name + ".>"));
            stores.put(name, createStream("OBJ_" + name, 1, "$O." + name + ".C.>", "$O." + name + ".M.>"));
            consumers.put(name, createConsumer(name));
        }
        String down = streams.get("ONE0");

        cluster.server(down).kill();

        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            assertThat(unavailable("streams")).isEqualTo(on(down, streams)).contains("ONE0");
            assertThat(unavailable("buckets")).isEqualTo(on(down, buckets));
            assertThat(unavailable("object-stores")).isEqualTo(on(down, stores));
            assertThat(unavailable("streams/" + REPLICATED + "/consumers")).isEqualTo(on(down, consumers));
        });
    }

    private static List<String> unavailable(String list) {
        Response answer = given().get("/v1/" + list);
        answer.then().statusCode(200);
        List<String> names = answer.path("unavailable");
        return names == null
                ? List.of()
                : names.stream().filter(name -> name.startsWith("ONE")).toList();
    }

    private static List<String> on(String server, Map<String, String> servers) {
        return servers.entrySet().stream()
                .filter(entry -> entry.getValue().equals(server))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns the name of its leader. */
    private String createStream(String name, int replicas, String... subjects) {
        manage(management -> management.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(subjects)
                .replicas(replicas)
                .build()));
        return cluster.awaitStreamLeader(name);
    }

    /** Returns the name of its leader. */
    private String createConsumer(String name) {
        manage(management -> management.addOrUpdateConsumer(
                REPLICATED,
                ConsumerConfiguration.builder().durable(name).numReplicas(1).build()));
        await().atMost(SOON)
                .until(() -> !cluster.consumerLeader(REPLICATED, name).isBlank());
        return cluster.consumerLeader(REPLICATED, name);
    }

    private <T> T manage(ManagementCall<T> action) {
        return await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> ManagementCall.make(cluster.connection(), action), done -> true);
    }
}
