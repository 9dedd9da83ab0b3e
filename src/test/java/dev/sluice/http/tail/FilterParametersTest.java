package dev.sluice.http.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.events.EventsConfig;
import dev.sluice.support.Settings;
import io.vertx.core.MultiMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FilterParametersTest {
    private final FilterParameters parameters = new FilterParameters(Settings.of(EventsConfig.class, Map.of()));

    @Test
    void countsEqualFiltersOnce() {
        MultiMap query = MultiMap.caseInsensitiveMultiMap()
                .add("contains", "a")
                .add("contains", "b")
                .add("contains", "a")
                .add("match", "a")
                .add("match", "a");

        assertThat(parameters.read(query).size()).isEqualTo(3);
    }
}
