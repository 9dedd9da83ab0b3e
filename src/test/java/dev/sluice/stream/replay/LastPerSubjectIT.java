package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages of the last message of each subject. */
class LastPerSubjectIT {
    private static final int LARGE = 50_000;
    private static final PageSize SIZE = new PageSize(512, 2 * LARGE + 1);

    private final ReplayServer server = new ReplayServer();
    private final TestStreams streams = server.streams();
    private final Replay replay = TestReplay.through(server.links());

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aPageEndsWithTheMessageThatReachesItsBytes() {
        String text = "x".repeat(LARGE);
        IntStream.range(0, 200).forEach(i -> streams.store("logs." + i, i < 100 ? "" + i : text));

        List<Page> pages = pages(SIZE);

        assertThat(pages).allSatisfy(page -> assertThat(bytes(page)).isLessThanOrEqualTo(3 * LARGE));
        assertThat(sequences(pages))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 200).mapToObj(Long::valueOf).toList());
    }

    @Test
    void aPageHasAtMostItsMessages() {
        IntStream.range(0, 100).forEach(i -> streams.store("logs." + i, "" + i));

        List<Page> pages = pages(new PageSize(30, 1_000_000));

        assertThat(pages).allSatisfy(page -> assertThat(page.messages()).hasSizeLessThanOrEqualTo(30));
        assertThat(sequences(pages)).hasSize(100).isSorted();
    }

    @Test
    @Tag("slow")
    void isUnavailableIfItBeginsWhileTheConnectionIsLost() {
        StreamState now = replay.state("LOGS").await().atMost(Timeouts.LIMIT);
        server.nats().kill();
        await().atMost(Timeouts.LIMIT).until(() -> !server.links().consuming().up());

        Uni<ReplayPosition> located = replay.locate(
                now, SubjectSet.of(List.of(new SubjectPattern("logs.>"))), ReplayStart.Edge.LAST_PER_SUBJECT);

        assertThatThrownBy(() -> located.await().atMost(Timeouts.LIMIT))
                .isInstanceOfSatisfying(SluiceException.class, failure -> assertThat(failure.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
    }

    @Test
    void aReadOfAllThatIsStoredIsUnavailableIfTheStreamIsCreatedAgain() {
        streams.store("logs.a", 0, 3);
        StreamState before = replay.state("LOGS").await().atMost(Timeouts.LIMIT);
        streams.delete("LOGS");
        streams.create("LOGS", "logs.>");
        streams.store("logs.a", "1");
        SubjectSet all = SubjectSet.of(List.of(new SubjectPattern("logs.>")));

        for (Multi<Page> read : List.of(
                replay.current(before, "", all, true, SIZE),
                replay.stored(before, all, ReplayStart.Edge.ALL, SIZE),
                replay.storedLast(before, all, ReplayStart.Edge.ALL, SIZE))) {
            assertThatThrownBy(() -> read.collect().asList().await().atMost(Timeouts.LIMIT))
                    .isInstanceOfSatisfying(SluiceException.class, failure -> assertThat(failure.failure())
                            .isEqualTo(Failure.UNAVAILABLE));
        }
    }

    private List<Page> pages(PageSize size) {
        StreamState now = replay.state("LOGS").await().atMost(Timeouts.LIMIT);
        SubjectSet all = SubjectSet.of(List.of(new SubjectPattern("logs.>")));
        return replay.current(now, "", all, true, size)
                .collect()
                .asList()
                .await()
                .atMost(Timeouts.LIMIT);
    }

    private static int bytes(Page page) {
        return page.messages().stream()
                .mapToInt(message -> message.message().data().length)
                .sum();
    }

    private static List<Long> sequences(List<Page> pages) {
        return pages.stream()
                .flatMap(page -> page.messages().stream())
                .map(StreamMessage::sequence)
                .toList();
    }
}
