package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each alert fires on the series that it is for, and on no others. Prometheus evaluates the rules. */
class AlertsTest {
    private static final Path ALERTS = Path.of("docker/monitoring/alerts.yaml").toAbsolutePath();
    private static final String REQUESTS = "http_server_requests_seconds_count{outcome=\"%s\"}";

    @TempDir
    Path folder;

    @BeforeEach
    void requirePromtool() {
        Promtool.require("promtool");
    }

    /** The series grow or stay for an hour: {@code 0+6x60} is six more each minute, {@code 1x60} a constant 1. */
    static Stream<Arguments> alerts() {
        return Stream.of(
                fires("SluiceDown", series("up{job=\"sluice\"}", "0x60")),
                silent("SluiceDown", series("up{job=\"sluice\"}", "1x60")),
                fires("SluiceNatsAway", series("sluice_nats_connected{instance=\"a\",link=\"publish\"}", "0x60")),
                silent("SluiceNatsAway", series("sluice_nats_connected{instance=\"a\",link=\"publish\"}", "1x60")),
                fires("SluiceNatsRefuses", series("sluice_nats_events_total{event=\"refused\"}", "0+1x60")),
                fires("SluiceNatsRefuses", series("sluice_nats_events_total{event=\"gave_up\"}", "0+1x60")),
                silent("SluiceNatsRefuses", series("sluice_nats_events_total{event=\"connected\"}", "0+1x60")),
                fires("SluiceNatsUnsteady", series("sluice_nats_events_total{event=\"disconnected\"}", "0+1x60")),
                fires("SluiceHttpErrors", series(REQUESTS.formatted("SERVER_ERROR"), "0+60x60")),
                fires(
                        "SluiceHttpErrors",
                        series(REQUESTS.formatted("SERVER_ERROR"), "0+3x60"),
                        series(REQUESTS.formatted("SUCCESS"), "0+97x60")),
                silent(
                        "SluiceHttpErrors",
                        series(REQUESTS.formatted("SERVER_ERROR"), "0+1x60"),
                        series(REQUESTS.formatted("SUCCESS"), "0+99x60")),
                silent("SluiceHttpErrors", series(REQUESTS.formatted("SUCCESS"), "0+60x60")),
                silent("SluiceHttpErrors"),
                fires(
                        "SluicePublishOverloaded",
                        series("sluice_publish_refused_total{failure=\"overloaded\"}", "0+6x60")),
                fires(
                        "SluiceLimitReached",
                        series("sluice_limit_refused_total{limit=\"sluice.object.downloads\"}", "0+6x60")),
                fires(
                        "SluiceLimitReached",
                        series(
                                "sluice_limit_refused_total{limit=\"sluice.access.limits.instance-open-filters\"}",
                                "0+6x60")),
                silent(
                        "SluiceLimitReached",
                        series("sluice_limit_refused_total{limit=\"sluice.access.limits.open-requests\"}", "0+6x60")),
                silent(
                        "SluiceLimitReached",
                        series("sluice_limit_refused_total{limit=\"sluice.object.read-ahead\"}", "0+6x60")),
                fires(
                        "SluicePublishUnknown",
                        series("sluice_publish_refused_total{failure=\"outcome_unknown\"}", "0+1x60")),
                fires("SluiceStreamFull", series("sluice_publish_refused_total{failure=\"stream_full\"}", "0+1x60")),
                fires(
                        "SluiceTailsNearLimit",
                        series("sluice_tails_open", "81x60"),
                        series("sluice_tails_limit", "100x60")),
                silent(
                        "SluiceTailsNearLimit",
                        series("sluice_tails_open", "79x60"),
                        series("sluice_tails_limit", "100x60")),
                fires("SluiceTailsDrop", series("sluice_tails_dropped_total", "0+6x60")),
                fires("SluiceSubscriptionsDrop", series("sluice_subscribe_dropped_total", "0+1x60")),
                fires("SluiceConsumerBehind", series("sluice_consumer_pending", "1001x60")),
                silent("SluiceConsumerBehind", series("sluice_consumer_pending", "1000x60")),
                fires("SluiceConsumerRedelivers", series("sluice_consumer_redelivered", "101x60")),
                fires("SluiceDeadLetters", series("sluice_dead_letters_total", "0+1x60")),
                fires("SluiceUnreadable", series("sluice_pull_unreadable_total", "0+1x60")),
                fires(
                        "SluiceMemory",
                        series("jvm_gc_live_data_size_bytes", "91x60"),
                        series("jvm_gc_max_data_size_bytes", "100x60")),
                fires(
                        "SluiceHttpSlow",
                        series("http_server_requests_seconds_bucket{uri=\"/v1/orders\",le=\"1\"}", "0x60"),
                        series("http_server_requests_seconds_bucket{uri=\"/v1/orders\",le=\"2\"}", "0+6x60"),
                        series("http_server_requests_seconds_bucket{uri=\"/v1/orders\",le=\"+Inf\"}", "0+6x60")),
                fires(
                        "SluicePublishSlow",
                        series("sluice_publish_ack_seconds_bucket{le=\"0.5\"}", "0x60"),
                        series("sluice_publish_ack_seconds_bucket{le=\"1\"}", "0+6x60"),
                        series("sluice_publish_ack_seconds_bucket{le=\"+Inf\"}", "0+6x60")));
    }

    @ParameterizedTest(name = "{0}: {1} alert on {2}")
    @MethodSource("alerts")
    void firesOnItsSeriesOnly(String alert, int number, List<String> series) throws Exception {
        Path test = folder.resolve("test.yaml");
        Files.writeString(test, """
                rule_files: [%s]
                tests:
                  - interval: 1m
                    input_series: [%s]
                    promql_expr_test:
                      - expr: count(ALERTS{alertname="%s",alertstate="firing"}) or vector(0)
                        eval_time: 50m
                        exp_samples: [{labels: "{}", value: %d}]
                """.formatted(ALERTS, String.join(", ", series), alert, number));

        Promtool.run(List.of("test", "rules", test.toString()), "");
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyAlertHasSeriesOnWhichItFires(String alert) {
        assertThat(alerts().map(Arguments::get)
                        .filter(test -> test[1].equals(1))
                        .map(test -> test[0]))
                .contains(alert);
    }

    static List<String> names() throws IOException {
        return YamlFile.read(ALERTS).findValuesAsText("alert");
    }

    private static Arguments fires(String alert, String... series) {
        return Arguments.of(alert, 1, List.of(series));
    }

    private static Arguments silent(String alert, String... series) {
        return Arguments.of(alert, 0, List.of(series));
    }

    private static String series(String name, String values) {
        return "{series: '%s', values: '%s'}".formatted(name, values);
    }
}
