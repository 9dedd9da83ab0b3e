package dev.sluice.reliability;

import static org.awaitility.Awaitility.await;

import dev.sluice.reliability.Crowd.Habit;
import dev.sluice.support.PackagedService;
import dev.sluice.support.TokenIssuer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Badly behaving clients do not slow down other clients and do not use much memory. */
@Tag("reliability")
class CrowdIT {
    private static final int WATCHERS = 10;
    private static final int EVENTS = 10_000;

    /** Number of clients, and of events per watcher, for warm-up (JIT compilation). */
    private static final int WARMING = 500;

    /** Below this value a percentile depends more on the machine than on the service. */
    private static final Duration FLOOR = Duration.ofMillis(100);

    private static final long MAX_HEAP = 180L << 20;
    private static final long MAX_RESIDENT = 700L << 20;

    @Test
    void twoThousandSlowReadersDoNotDelayTheOthers() {
        try (Harness harness = Harness.named("crowd").start();
                Beat beat = beat(harness);
                Crowd crowd =
                        new Crowd(harness.instance(0).port(), harness.random().nextLong())) {
            PackagedService instance = harness.instance(0);
            watch(beat, instance, "");
            warm(beat, harness, WARMING, CrowdIT::tail);
            Percentiles calm = beat.measure(EVENTS);
            Footprint before = Footprint.of(instance);

            crowd.join(2_000, CrowdIT::tail, i -> Habit.values()[1 + i % 3]);
            Percentiles crowded = beat.measure(EVENTS);
            Footprint during = Footprint.of(instance);
            crowd.leave();
            Percentiles leaving = beat.measure(EVENTS);
            await().atMost(Duration.ofSeconds(60)).until(() -> Footprint.tails(instance) == WATCHERS);
            Footprint after = Footprint.of(instance);

            harness.measured("calm", calm);
            harness.measured("crowded", crowded);
            harness.measured("statuses", crowd.statuses());
            harness.measured("leaving", leaving);
            harness.measured("before", before);
            harness.measured("during", during);
            harness.measured("after", after);
            compare(harness, calm, crowded, "beside the crowd");
            compare(harness, calm, leaving, "when it leaves");
            bounded(harness, during);
            flat(harness, before, after);
            harness.finish();
        }
    }

    @Test
    void aThousandClientsThatNeverReadDoNotDelayAHundredReaders() {
        try (Harness harness = Harness.named("stuck-readers").start();
                Beat beat = new Beat(harness.connection(), "beat.a", 200, 1_000);
                Crowd crowd =
                        new Crowd(harness.instance(0).port(), harness.random().nextLong());
                Crowd readers =
                        new Crowd(harness.instance(0).port(), harness.random().nextLong())) {
            PackagedService instance = harness.instance(0);
            watch(beat, instance, "");
            warm(beat, harness, WARMING, CrowdIT::tail);
            readers.join(100 - WATCHERS, CrowdIT::tail, i -> Habit.READS);
            Percentiles calm = beat.measure(EVENTS);

            crowd.join(1_000, CrowdIT::tail, i -> Habit.READS_NOTHING);
            Percentiles crowded = beat.measure(EVENTS);
            crowd.leave();
            Percentiles leaving = beat.measure(EVENTS);

            harness.measured("calm", calm);
            harness.measured("crowded", crowded);
            harness.measured("leaving", leaving);
            compare(harness, calm, crowded, "beside a thousand that never read");
            compare(harness, calm, leaving, "when they leave");
            harness.finish();
        }
    }

    @Test
    void bulkPublishersThatReadNoReceiptsDoNotDelayTheOthers() {
        try (Harness harness = Harness.named("bulk-without-reading")
                        .with("SLUICE_HTTP_LINE_TIMEOUT", "20s")
                        .start();
                Beat beat = beat(harness);
                Crowd crowd =
                        new Crowd(harness.instance(0).port(), harness.random().nextLong())) {
            PackagedService instance = harness.instance(0);
            watch(beat, instance, "");
            warm(beat, harness, 20, CrowdIT::bulk);
            Percentiles calm = beat.measure(EVENTS);
            Footprint before = Footprint.of(instance);

            crowd.join(20, CrowdIT::bulk, i -> Habit.READS_NOTHING);
            Percentiles filling = beat.measure(EVENTS);
            Percentiles stuck = beat.measure(EVENTS);
            Footprint during = Footprint.of(instance);
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> Footprint.descriptors(instance.pid()) <= before.descriptors() + 5);

            harness.measured("calm", calm);
            harness.measured("filling", filling);
            harness.measured("stuck", stuck);
            harness.measured("statuses", crowd.statuses());
            harness.measured("before", before);
            harness.measured("during", during);
            compare(harness, calm, stuck, "beside the bulk publishers");
            bounded(harness, during);
            harness.finish();
        }
    }

    @Test
    void aCallerWithFiveHundredFilteredTailsDoesNotDelayTheOthers() {
        try (TokenIssuer issuer = new TokenIssuer();
                Harness harness = Harness.named("greedy-caller")
                        .with("SLUICE_ACCESS_MODE", "secured")
                        .with("SLUICE_ACCESS_ROLES_WEB_SUBSCRIBE_ALLOW", "beat.>")
                        .with("SLUICE_ACCESS_LIMITS_OPEN_REQUESTS", "500")
                        .with("QUARKUS_OIDC_AUTH_SERVER_URL", issuer.url())
                        .with("QUARKUS_OIDC_TOKEN_AUDIENCE", TokenIssuer.AUDIENCE)
                        .start();
                Beat beat = new Beat(harness.connection(), "beat.a", 500, 500);
                Crowd crowd =
                        new Crowd(harness.instance(0).port(), harness.random().nextLong())) {
            PackagedService instance = harness.instance(0);
            watch(beat, instance, "Authorization: Bearer " + issuer.token("web") + "\r\n");
            warm(
                    beat,
                    harness,
                    WARMING,
                    i -> filtering(i, issuer.sign(TokenIssuer.claims("web").subject("warm"))));
            Percentiles calm = beat.measure(EVENTS);
            Footprint before = Footprint.of(instance);

            String greedy = issuer.sign(TokenIssuer.claims("web").subject("greedy"));
            crowd.join(500, i -> filtering(i, greedy), i -> Habit.READS);
            Percentiles beside = beat.measure(EVENTS);
            crowd.leave();
            Percentiles leaving = beat.measure(EVENTS);
            await().atMost(Duration.ofSeconds(60)).until(() -> Footprint.tails(instance) == WATCHERS);

            harness.measured("calm", calm);
            harness.measured("beside", beside);
            harness.measured("statuses", crowd.statuses());
            harness.measured("leaving", leaving);
            compare(harness, calm, beside, "beside the greedy caller");
            compare(harness, calm, leaving, "when the greedy caller leaves");
            Set<Integer> statuses = crowd.statuses().keySet();
            if (!statuses.contains(429) || !Set.of(200, 429, 503).containsAll(statuses)) {
                harness.ledger().found(Rule.SCENARIO, "the greedy caller is not told: " + crowd.statuses());
            }
            flat(harness, before, Footprint.of(instance));
            harness.finish();
        }
    }

    private static Beat beat(Harness harness) {
        return new Beat(harness.connection(), "beat.a", 100, 500);
    }

    private static void watch(Beat beat, PackagedService instance, String headers) {
        for (int i = 0; i < WATCHERS; i++) {
            beat.watch(instance.port(), "?subject=beat.>&source=core", headers);
        }
    }

    /** Warms up, so that JIT compilation does not affect the measurement. */
    private static void warm(Beat beat, Harness harness, int size, IntFunction<String> request) {
        try (Crowd crowd =
                new Crowd(harness.instance(0).port(), harness.random().nextLong())) {
            crowd.join(size, request, i -> Habit.values()[i % 4]);
            beat.measure(WARMING * WATCHERS);
        }
        beat.measure(WARMING * WATCHERS);
    }

    private static String bulk(int client) {
        String lines = "{\"subject\":\"none.a\",\"data\":\"x\"}\n".repeat(20_000);
        return "POST /v1/publish?ack=none HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: "
                + lines.length() + "\r\n\r\n" + lines;
    }

    private static String tail(int client) {
        return "GET /v1/events?subject=beat.>&source=core HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private static String filtering(int client, String token) {
        StringBuilder query = new StringBuilder("/v1/events?subject=beat.>&source=core");
        for (int filter = 0; filter < 16; filter++) {
            query.append("&match=").append(String.format(Locale.ROOT, "(x%%7Cy)%%2Bz%d.%d", client, filter));
        }
        return "GET " + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n";
    }

    private static void compare(Harness harness, Percentiles calm, Percentiles now, String when) {
        long limit = Math.max(2 * calm.at(0.99).toNanos(), Harness.slack(FLOOR).toNanos());
        if (now.at(0.99).toNanos() > limit) {
            harness.ledger().found(Rule.SCENARIO, when + ": " + now + " in place of " + calm);
        }
    }

    private static void bounded(Harness harness, Footprint during) {
        if (during.heap() > MAX_HEAP || during.resident() > MAX_RESIDENT) {
            harness.ledger().found(Rule.LEAK, "while they are there: " + during);
        }
    }

    private static void flat(Harness harness, Footprint before, Footprint after) {
        after.grownSince(before, 0).ifPresent(what -> harness.ledger().found(Rule.LEAK, what));
    }
}
