package dev.sluice.access;

import java.util.List;
import java.util.Map;

/**
 * One endpoint of the matrix: how it is asked, what it takes to be let in, and the answer then. Where {@code {x}} stands
 * in the target or the body, a word is put that is seen nowhere else.
 *
 * @param route method and path as the service declares them
 * @param grants the permissions, as the claim of a token has them
 * @param refused the answer without those permissions
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

    /** Open to every caller that is known. */
    static Endpoint ofEverybody(String route, String target) {
        return new Endpoint(route, target, "", Map.of(), 200, 200);
    }

    /** Each line is refused for itself, behind a status that was sent before. */
    static Endpoint ofLines(String route, String target, String line, String verb, String pattern) {
        return new Endpoint(route, target, line, Map.of(verb, Map.of("allow", List.of(pattern))), 200, 200);
    }

    /** With the same permissions for other subjects and streams. */
    static Map<String, Map<String, List<String>>> others() {
        Map<String, List<String>> subjects = Map.of("allow", List.of("other.>"));
        Map<String, List<String>> consumers = Map.of("allow", List.of("OTHER.*"));
        return Map.of(
                "publish", subjects,
                "subscribe", subjects,
                "request", subjects,
                "consume", consumers,
                "administer", consumers);
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
