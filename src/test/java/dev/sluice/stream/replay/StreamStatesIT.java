package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stream that stores some subjects, while streams come and go. */
class StreamStatesIT {
    private static final String API = "$JS.API.";
    private static final SubjectSet LOGS = SubjectSet.of(List.of(new SubjectPattern("logs.web.>")));

    private final NatsServer nats = NatsServer.started();
    private final TestStreams streams = new TestStreams(nats);
    private final NatsLinks links = TestLinks.to(nats);
    private final StreamStates states =
            new StreamStates(new JetStreamApi(links.publishing(), "$JS.API", Duration.ofSeconds(5)));
    private Connection observer;
    private Subscription requests;

    @BeforeEach
    void connect() throws Exception {
        await().atMost(Timeouts.LIMIT).until(links.publishing()::up);
        observer = Nats.connect(nats.url());
        streams.create("LOGS", "logs.>");
        requests = observer.subscribe(API + ">");
        observer.flush(Timeouts.LIMIT);
    }

    @AfterEach
    void close() throws InterruptedException {
        observer.close();
        links.close();
        streams.close();
        nats.close();
    }

    @Test
    void isFoundByOneRequestIfItIsKnown() throws Exception {
        find();
        asked();

        assertThat(find()).contains("LOGS");

        assertThat(asked()).containsExactly("STREAM.INFO.LOGS");
    }

    @Test
    void isLookedUpAgainIfItNoLongerStoresTheSubjects() {
        find();
        streams.delete("LOGS");
        streams.create("LOGS", "other.>");
        streams.create("WEB", "logs.web.>");

        assertThat(find()).contains("WEB");
    }

    @Test
    void isLookedUpAgainIfItIsGone() {
        find();
        streams.delete("LOGS");
        streams.create("WEB", "logs.web.>");

        assertThat(find()).contains("WEB");
    }

    @Test
    void isNoneIfItIsGoneAndNoOtherOneStoresTheSubjects() {
        find();
        streams.delete("LOGS");

        assertThat(find()).isEmpty();
    }

    private Optional<String> find() {
        return states.covering(LOGS).await().atMost(Timeouts.LIMIT).map(StreamState::name);
    }

    /** Returns the requests to JetStream since the last call. */
    private List<String> asked() throws Exception {
        String marker = "end." + System.nanoTime();
        observer.publish(API + marker, null);
        List<String> asked = new ArrayList<>();
        for (Message next = requests.nextMessage(Timeouts.LIMIT);
                !next.getSubject().endsWith(marker);
                next = requests.nextMessage(Timeouts.LIMIT)) {
            asked.add(next.getSubject().substring(API.length()));
        }
        return asked;
    }
}
