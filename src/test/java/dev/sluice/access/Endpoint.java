package dev.sluice.access;

import java.util.List;
import java.util.Map;

/**
 * One endpoint of the access matrix: its request, the required permissions, and the expected statuses. A word that
 * occurs nowhere else replaces {@code {x}} in the target and the body.
 *
 * @param route method and path as the service declares them
 * @param grants required permissions, as in the claim of a token
 * @param refused status without these permissions
 */
record Endpoint(
        String route,
        String target,
        String body,
        Map<String, Map<String, List<String>>> grants,
        int allowed,
        int refused) {

    static Endpoint of(String route, String target, String body, String verb, String pattern, int allowed) {
        return new Endpoint(route, target, body, Map.of(verb, Map.of("allow", List.of(pattern))), allowed, 403);
    }

    /** @param grants required permissions, as in the claim of a token */
    static Endpoint of(
            String route, String target, String body, Map<String, Map<String, List<String>>> grants, int allowed) {
        return new Endpoint(route, target, body, grants, allowed, 403);
    }

    /** An endpoint for every authenticated caller. */
    static Endpoint ofEverybody(String route, String target) {
        return new Endpoint(route, target, "", Map.of(), 200, 200);
    }

    /** An endpoint that rejects each line separately, after the response status is sent. */
    static Endpoint ofLines(String route, String target, String line, String verb, String pattern) {
        return new Endpoint(route, target, line, Map.of(verb, Map.of("allow", List.of(pattern))), 200, 200);
    }

    /** Returns the same permissions for other subjects and streams. */
    static Map<String, Map<String, List<String>>> others() {
        Map<String, List<String>> subjects = Map.of("allow", List.of("other.>"));
        Map<String, List<String>> consumers = Map.of("allow", List.of("OTHER.*"));
        return Map.of(
                "publish", subjects,
                "subscribe", subjects,
                "request", subjects,
                "consume", consumers,
                "administer", consumers,
                "read", subjects,
                "write", subjects,
                "object-read", subjects,
                "object-write", subjects);
    }

    String type() {
        return route.equals("POST /v1/publish") ? "application/x-ndjson" : "application/json";
    }

    String method() {
        return route.substring(0, route.indexOf(' '));
    }

    String target(String word) {
        return target.replace("{x}", word);
    }

    String body(String word) {
        return body.replace("{x}", word);
    }

    @Override
    public String toString() {
        return method() + " " + target;
    }
}
