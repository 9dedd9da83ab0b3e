package dev.sluice.http.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.access.Routes;
import dev.sluice.http.Answer;
import dev.sluice.http.Contract;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares {@code /q/openapi} with the behavior of the service, in both directions. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ContractIT {
    private static final List<ProblemType> ANYWHERE = List.of(
            ProblemType.INVALID,
            ProblemType.METHOD_NOT_ALLOWED,
            ProblemType.URI_TOO_LONG,
            ProblemType.HEADERS_TOO_LARGE,
            ProblemType.INTERNAL);

    /**
     * Problems by cause: authentication and limits (access), content negotiation of a JAX-RS resource, a body, a JSON
     * body, a stored publish, and a JetStream request.
     */
    private static final Map<String, List<ProblemType>> SHARED = Map.of(
            "access",
            List.of(
                    ProblemType.UNAUTHENTICATED,
                    ProblemType.FORBIDDEN,
                    ProblemType.OVERLOADED,
                    ProblemType.UNAVAILABLE),
            "resource",
            List.of(ProblemType.NOT_ACCEPTABLE),
            "body",
            List.of(ProblemType.REQUEST_TIMEOUT, ProblemType.TOO_LARGE),
            "json",
            List.of(ProblemType.REQUEST_TIMEOUT, ProblemType.TOO_LARGE, ProblemType.UNSUPPORTED_MEDIA_TYPE),
            "stored",
            List.of(ProblemType.NO_STREAM, ProblemType.TOO_LARGE, ProblemType.NOT_SUPPORTED, ProblemType.STREAM_FULL),
            "jetstream",
            List.of(ProblemType.UNAVAILABLE, ProblemType.LIMIT_REACHED));

    private static final String OUTCOMES = """
            POST /v1/publish/{subject}                              | access resource body stored 200 201 202 409 412 415
            POST /v1/publish                                        | access body stored 200 201 409 412 415
            POST /v1/request/{subject}                              | access resource body 200 502 504 default
            GET /v1/events                                          | access 200 404
            GET /v1/streams                                         | access resource jetstream 200
            GET /v1/streams/{stream}                                | access resource jetstream 200 404
            PUT /v1/streams/{stream}                                | access resource json jetstream 200 201 409 501
            DELETE /v1/streams/{stream}                             | access resource jetstream 204 404
            POST /v1/streams/{stream}/purge                         | access resource json jetstream 200 404 409
            DELETE /v1/streams/{stream}/messages/{seq}              | access resource jetstream 204 404 409
            GET /v1/streams/{stream}/messages                       | access resource jetstream 200 404
            GET /v1/streams/{stream}/messages/{seq}                 | access resource jetstream 200 404
            GET /v1/streams/{stream}/consumers                      | access resource jetstream 200 404
            GET /v1/streams/{stream}/consumers/{consumer}           | access resource jetstream 200 404
            PUT /v1/streams/{stream}/consumers/{consumer}           | access resource json jetstream 200 201 404 409 501
            DELETE /v1/streams/{stream}/consumers/{consumer}        | access resource jetstream 204 404
            POST /v1/streams/{stream}/consumers/{consumer}/pause    | access resource json jetstream 200 404 501
            POST /v1/streams/{stream}/consumers/{consumer}/resume   | access resource jetstream 200 404 501
            POST /v1/streams/{stream}/consumers/{consumer}/reset    | access resource json jetstream 200 404 409 501
            POST /v1/streams/{stream}/consumers/{consumer}/fetch    | access resource json jetstream 200 404 409
            POST /v1/streams/{stream}/consumers/{consumer}/ack      | access resource json jetstream 200
            GET /v1/buckets                                         | access resource jetstream 200
            GET /v1/buckets/{bucket}                                | access resource jetstream 200 404
            PUT /v1/buckets/{bucket}                                | access resource json jetstream 200 201 409 501
            DELETE /v1/buckets/{bucket}                             | access resource jetstream 204 404
            GET /v1/buckets/{bucket}/keys                           | access resource jetstream 200 404
            GET /v1/buckets/{bucket}/keys/{key}                     | access jetstream 200 304 404 412
            PUT /v1/buckets/{bucket}/keys/{key}                     | access resource body stored jetstream 200 201 409 412
            DELETE /v1/buckets/{bucket}/keys/{key}                  | access stored jetstream 204 409 412
            GET /v1/buckets/{bucket}/events                         | access 200 404
            GET /v1/buckets/{bucket}/history/{key}                  | access resource jetstream 200 404
            GET /v1/object-stores                                   | access resource jetstream 200
            GET /v1/object-stores/{store}                           | access resource jetstream 200 404
            PUT /v1/object-stores/{store}                           | access resource json jetstream 200 201 409 501
            DELETE /v1/object-stores/{store}                        | access resource jetstream 204 404
            GET /v1/object-stores/{store}/events                    | access 200 404
            GET /v1/object-stores/{store}/objects                   | access resource jetstream 200 404
            GET /v1/object-stores/{store}/objects/{name}            | access jetstream 200 206 304 404 412 416
            PUT /v1/object-stores/{store}/objects/{name}            | access resource stored jetstream 200 201 408 409 412 422
            DELETE /v1/object-stores/{store}/objects/{name}         | access jetstream 204 404 409 412 501 507
            POST /v1/tickets                                        | access resource 200
            GET /v1/permissions                                     | access resource 200
            POST /v1/orders                                         | access resource json stored 200 201 409
            GET /v1/orders/{orderId}                                | access resource jetstream 200 404
            GET /v1/orders/{orderId}/events                         | access jetstream 200 404
            PUT /v1/prices/{productId}                              | access json stored 204
            GET /v1/prices/{productId}                              | access resource 200 404 504
            GET /v1/dead-letters                                    | access resource jetstream 200 404
            GET /v1/dead-letters/{seq}                              | access resource jetstream 200 404
            DELETE /v1/dead-letters/{seq}                           | access resource jetstream 204 404
            POST /v1/dead-letters/{seq}/redrive                     | access resource stored jetstream 201
            GET /problems/{name}                                    | 200 404 406
            """;

    @TestHTTPResource("/")
    URI root;

    @Inject
    Router router;

    @Inject
    StoredPublisher publisher;

    private Contract contract;

    @BeforeEach
    void read() {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        contract = new Contract(ask("GET /q/openapi?format=json", "").json());
    }

    @Test
    void describesEveryEndpointAndNoOther() {
        Set<String> there = new TreeSet<>();
        Routes.all(router).forEach(route -> there.add(Contract.withoutPatterns(route)));

        assertThat(new TreeSet<>(contract.operations().keySet())).isEqualTo(there);
    }

    @Test
    void describesEveryParameterAndNoOther() {
        contract.operations().forEach((operation, described) -> {
            Answer answer = ask(contract.example(operation) + "?no_such_parameter=1", body(operation));

            answer.isProblem(400, "invalid").saying("no_such_parameter");
            String detail = answer.json().path("detail").textValue();
            String known = detail.substring(detail.indexOf("known: ") + "known: ".length());
            assertThat(new TreeSet<>(Arrays.asList(known.split(", "))))
                    .as(operation)
                    .isEqualTo(contract.queryParameters(operation));
        });
    }

    @Test
    void namesTheMethodsThatAPathTakes() {
        for (String path : contract.paths()) {
            Answer answer = ask("PATCH " + contract.examplePath(path), "");

            assertThat(answer.status()).as(path).isEqualTo(405);
            assertThat(new TreeSet<>(Arrays.asList(answer.allow().split(", "))))
                    .as(path)
                    .isEqualTo(methods(path));
        }
    }

    @Test
    void answersOptionsWithTheDescribedMethods() {
        for (String path : contract.paths()) {
            Answer answer = ask("OPTIONS " + contract.examplePath(path), "");

            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(new TreeSet<>(Arrays.asList(answer.allow().split(", "))))
                    .as(path)
                    .isEqualTo(methods(path));
        }
    }

    @Test
    void answersOptionsOfUnknownPathsWith404() {
        ask("OPTIONS /v1/streams/A/nothing", "").isProblem(404, "not-found");
    }

    private Set<String> methods(String path) {
        Set<String> methods = contract.methods(path);
        methods.add("OPTIONS");
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return methods;
    }

    @Test
    void givesAnExampleOfEverything() {
        List<String> without = new ArrayList<>();
        contract.operations().forEach((operation, described) -> {
            described.path("parameters").forEach(parameter -> {
                if (contract.resolve(parameter).path("example").isMissingNode()) {
                    without.add(operation + " " + parameter);
                }
            });
            described.path("requestBody").path("content").forEach(content -> {
                if (content.path("example").isMissingNode()) {
                    without.add(operation + " body");
                }
            });
            described.path("responses").properties().forEach(response -> contract.resolve(response.getValue())
                    .path("content")
                    .forEach(content -> {
                        if (content.path("example").isMissingNode()) {
                            without.add(operation + " " + response.getKey());
                        }
                    }));
        });

        assertThat(without).isEmpty();
    }

    @Test
    void describesOnlyStatusesThatOccur() {
        Set<String> possible = new TreeSet<>(Set.of("200", "201", "202", "204", "206", "304", "default"));
        for (ProblemType type : ProblemType.values()) {
            possible.add(Integer.toString(type.status()));
        }

        contract.operations()
                .forEach((operation, described) ->
                        assertThat(possible).as(operation).containsAll(contract.statuses(operation)));
    }

    @Test
    void describesTheStatusesOfEachKindOfOperation() {
        Map<String, Set<String>> expected = new TreeMap<>();
        OUTCOMES.lines()
                .map(row -> row.split(" *\\| *"))
                .forEach(row -> expected.put(row[0], statuses(row[0], row[1])));
        Map<String, Set<String>> described = new TreeMap<>();
        contract.operations().keySet().forEach(operation -> described.put(operation, contract.statuses(operation)));

        assertThat(described).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(ProblemType.class)
    void explainsEachProblem(ProblemType type) {
        Answer page = ask("GET " + type.problem(null, "/").type(), "");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.type()).startsWith("text/html");
        assertThat(page.body()).contains(type.title(), ProblemAdvice.of(type));
    }

    @Test
    void explainsNoUnknownProblem() {
        ask("GET /problems/nothing", "").isProblem(404, "not-found");
    }

    /** Every operation that may have a body also rejects a body with a Content-Encoding. */
    private static Set<String> statuses(String operation, String outcomes) {
        Set<String> statuses = new TreeSet<>();
        if (!operation.startsWith("GET")) {
            statuses.add(Integer.toString(ProblemType.UNSUPPORTED_MEDIA_TYPE.status()));
        }
        ANYWHERE.forEach(type -> statuses.add(Integer.toString(type.status())));
        for (String outcome : outcomes.split(" ")) {
            if (SHARED.containsKey(outcome)) {
                SHARED.get(outcome).forEach(type -> statuses.add(Integer.toString(type.status())));
            } else {
                statuses.add(outcome);
            }
        }
        return statuses;
    }

    private static String body(String operation) {
        return operation.matches("PUT .*|POST /v1/(orders|streams).*") ? "{}" : "";
    }

    private Answer ask(String begin, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            String type = begin.startsWith("POST /v1/publish?") ? "application/x-ndjson" : "application/json";
            exchange.send(begin + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            return Answer.of(exchange);
        }
    }
}
