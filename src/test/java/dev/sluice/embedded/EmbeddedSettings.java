package dev.sluice.embedded;

import dev.sluice.support.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Creates an {@link EmbeddedConfig} with a cache directory separate from the user's. */
final class EmbeddedSettings {
    private EmbeddedSettings() {}

    /** @param keysAndValues alternating keys and values; keys without the prefix {@code sluice.embedded.} */
    static EmbeddedConfig in(Path cacheDirectory, String... keysAndValues) {
        Map<String, String> values = new HashMap<>();
        values.put("sluice.embedded.cache-directory", cacheDirectory.toString());
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put("sluice.embedded." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return Settings.of(EmbeddedConfig.class, values);
    }
}
