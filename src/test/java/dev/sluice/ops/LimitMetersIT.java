package dev.sluice.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.support.NatsServerResource;
import io.quarkus.arc.All;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Each limit that refuses is counted under its configuration key. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(LimitMetersIT.DistinctLimits.class)
class LimitMetersIT {
    private static final Pattern COUNTER =
            Pattern.compile("(?m)^sluice_limit_refused_total\\{limit=\"([^\"]+)\",?} (\\S+)$");
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `(sluice\\.[^`]+)` \\| [^|]* \\| (.*) \\|$");
    /** How docs/CONFIGURATION.md says that a limit refuses what a later attempt may get. */
    private static final Pattern REFUSES =
            Pattern.compile("rejected with (429|503)|error reply 503|goes on without more");
    /** All limits of these keys refuse, but the number of remembered callers. */
    private static final Pattern OF_CALLERS = Pattern.compile("sluice\\.access\\.limits\\.(?!callers$).*");

    @Inject
    @All
    List<Limited> owners;

    /** No two limits are the same, so that none can be that of another key. */
    public static final class DistinctLimits implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.ofEntries(
                    Map.entry("sluice.bucket.listings", "17"),
                    Map.entry("sluice.bucket.reads", "2049"),
                    Map.entry("sluice.events.max-reads", "33"),
                    Map.entry("sluice.http.fetch.max-waiting", "257"),
                    Map.entry("sluice.http.response-bytes", "65M"),
                    Map.entry("sluice.object.listings", "18"),
                    Map.entry("sluice.object.read-ahead", "33M"),
                    Map.entry("sluice.publish.window-bytes", "66M"),
                    Map.entry("sluice.request.window-bytes", "67M"));
        }
    }

    @Test
    void everyLimitThatRefusesHasACounter() throws IOException {
        List<String> refusing = KEY.matcher(Files.readString(Path.of("docs/CONFIGURATION.md")))
                .results()
                .filter(key -> OF_CALLERS.matcher(key.group(1)).matches()
                        || REFUSES.matcher(key.group(2)).find())
                .map(key -> key.group(1))
                .toList();

        assertThat(counters().keySet()).containsExactlyInAnyOrderElementsOf(refusing);
    }

    @Test
    void aLimitHasTheValueOfItsKey() {
        assertThat(limits())
                .allSatisfy(limit -> assertThat(limit.max()).as(limit.key()).isEqualTo(configured(limit.key())));
    }

    @Test
    void noTwoKeysHaveTheSameValueHere() {
        assertThat(limits().collect(Collectors.toMap(Limit::key, Limit::max, (one, other) -> one))
                        .values())
                .doesNotHaveDuplicates();
    }

    @Test
    void aRefusalIsCountedUnderTheKey() {
        Map<String, Double> expected = counters();

        limits().forEach(limit -> {
            refuse(limit);
            expected.merge(limit.key(), 1.0, Double::sum);
        });

        assertThat(counters()).isEqualTo(expected);
    }

    private Stream<Limit> limits() {
        return owners.stream().flatMap(owner -> owner.limits().stream());
    }

    private static void refuse(Limit limit) {
        if (limit.tryTake(limit.max())) {
            limit.tryTake(1);
            limit.release(limit.max());
        }
    }

    private static long configured(String key) {
        MemorySize size =
                new MemorySizeConverter().convert(ConfigProvider.getConfig().getValue(key, String.class));
        return size.asLongValue();
    }

    private static Map<String, Double> counters() {
        return COUNTER.matcher(given().get("/q/metrics").asString())
                .results()
                .collect(Collectors.toMap(
                        counter -> counter.group(1),
                        (MatchResult counter) -> Double.parseDouble(counter.group(2)),
                        Double::sum,
                        TreeMap::new));
    }
}
