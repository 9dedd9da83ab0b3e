package dev.sluice.stream;

import dev.sluice.config.Matches;
import io.smallrye.config.WithDefault;

/** Where the JetStream API is. The key is one of {@code sluice.pull}. */
public interface JetStreamConfig {

    /** Subject prefix of the JetStream API: {@code $JS.API}, or {@code $JS.<domain>.API}, or an imported prefix. */
    @WithDefault(JetStreamApi.DEFAULT_PREFIX)
    @Matches(".*\\S.*")
    String apiPrefix();
}
