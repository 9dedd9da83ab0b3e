package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.JetStreamJson;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.Settings;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of a page whose consumer reports that it has nothing, on a server that is behind or not. */
class PageReaderIT {

    private final ReplayServer server = new ReplayServer();
    private final TestStreams streams = server.streams();
    private StreamStates states;
    private SingleReads singles;

    @BeforeEach
    void connect() {
        streams.store("logs.a", 0, 3);
        JetStreamApis jetStream = new JetStreamApis(server.links(), Settings.of(PullConfig.class, Map.of()));
        states = new StreamStates(jetStream.publishing(Duration.ofSeconds(5)));
        singles = new SingleReads(new StoredMessages(jetStream, Settings.of(TopologyConfig.class, Map.of())), states);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void readsFromTheLeaderWhatALaggingConsumerDoesNotHave() {
        Page page = pageOfAnEmptyConsumer("logs.>", 0);

        assertThat(page.messages()).extracting(StreamMessage::sequence).containsExactly(1L);
        assertThat(page.position()).isEqualTo(1);
    }

    @Test
    void reachesTheKnownSequenceIfTheLeaderHasNothingEither() {
        Page page = pageOfAnEmptyConsumer("logs.none", 0);

        assertThat(page.messages()).isEmpty();
        assertThat(page.position()).isEqualTo(3);
    }

    @Test
    void aPageOfASingleMessageReportsTheGapBeforeIt() {
        streams.purge("LOGS", 3);

        Page page = singles.page(selection("logs.>"), 0, 3).await().atMost(Timeouts.LIMIT);

        assertThat(page.gap()).contains(new Gap(1, 2));
        assertThat(page.messages()).extracting(StreamMessage::sequence).containsExactly(3L);
    }

    @Test
    void aPageWithoutAMessageReportsTheGapBeforeTheEnd() {
        streams.purge("LOGS", 4);

        Page page = singles.page(selection("logs.>"), 1, 1).await().atMost(Timeouts.LIMIT);

        assertThat(page.gap()).contains(new Gap(2, 3));
        assertThat(page.position()).isEqualTo(3);
    }

    private Selection selection(String subject) {
        String epoch = states.state("LOGS").await().atMost(Timeouts.LIMIT).epoch();
        return new Selection("LOGS", epoch, SubjectSet.of(List.of(new SubjectPattern(subject))));
    }

    private Page pageOfAnEmptyConsumer(String subject, long position) {
        Selection selection = selection(subject);
        ConsumerInfo empty = ConsumerInfo.of(JetStreamJson.parse("{\"config\":{},\"num_pending\":0}"));
        return Uni.createFrom()
                .<Page>emitter(page -> {
                    PageReader reader =
                            new PageReader(selection, position, 3, new PageSize(16, 4_096), states, singles, page);
                    reader.onFailure(
                            catchThrowable(() -> reader.pass(empty).await().atMost(Timeouts.LIMIT)));
                })
                .await()
                .atMost(Timeouts.LIMIT);
    }
}
