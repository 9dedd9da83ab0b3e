package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.ScriptedJetStream;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The size limit of a stream is only a detail of an error. */
class MaxMessageSizeIT {
    /** Longer than the lookup may take, and shorter than a listing may. */
    private static final Duration SOON = Duration.ofSeconds(4);

    @Test
    void isUnknownWithoutAnAnswerInTime() throws Exception {
        try (ScriptedJetStream jetStream = new ScriptedJetStream()) {
            jetStream.ignore("STREAM.LIST");
            StreamLookup lookup = new StreamLookup(jetStream.api(StreamLookup.TIMEOUT));

            assertThat(lookup.maxMessageSize("work.a").toCompletableFuture())
                    .succeedsWithin(SOON)
                    .isEqualTo(OptionalLong.empty());
        }
    }
}
