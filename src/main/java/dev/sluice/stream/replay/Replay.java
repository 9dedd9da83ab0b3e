package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads streams in stored order: finds the stream of a set of subjects and the start position, reads history in pages
 * on demand, and follows the end of the stream. It acknowledges no messages and leaves no durable consumers behind.
 *
 * <p>Operations fail {@code UNAVAILABLE} while NATS is unreachable, {@code NO_STREAM} if the stream does not exist, and
 * with {@link StreamRecreatedException} if the stream was recreated under its name; reads of all that is stored fail
 * {@code UNAVAILABLE} then. Results are emitted on threads of
 * the connection or of Mutiny, which must not be blocked.
 */
@Singleton
public final class Replay implements StreamSource {
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(5);

    private final NatsLink link;
    private final StreamStates states;
    private final SingleReads singles;
    private final ReplayConsumers consumers;
    private final PositionResolver positions;
    private final DirectGetPages direct;

    @Inject
    public Replay(
            NatsLinks links,
            JetStreamApis jetStream,
            PullSubscriptions pulls,
            StoredMessages messages,
            PullConfig config) {
        link = links.consuming();
        JetStreamApi api = jetStream.publishing(config.apiTimeout());
        states = new StreamStates(api);
        singles = new SingleReads(messages, states);
        consumers = new ReplayConsumers(pulls, states);
        positions = new PositionResolver(consumers, singles, states);
        direct = new DirectGetPages(new DirectGetClient(link, api, config.apiTimeout()), states, singles);
    }

    @Override
    public Uni<Optional<StreamState>> covering(SubjectSet subjects) {
        return states.covering(subjects);
    }

    @Override
    public Uni<ReplayPosition> locate(StreamState now, String prefix, SubjectSet subjects, ReplayStart start) {
        return positions.find(new Selection(now.name(), now.epoch(), prefix, subjects), now, start);
    }

    @Override
    public Uni<StreamState> state(String stream) {
        return states.state(stream);
    }

    /**
     * Returns the last message of each selected subject, and whatever is stored until the last page is read: pages in
     * stream order, each subject at least once. Completes when the end of the stream is reached.
     *
     * @param payloads whether the messages need their payload
     * @param size limits of a page
     */
    public Multi<Page> current(StreamState now, String prefix, SubjectSet subjects, boolean payloads, PageSize size) {
        return ofOneEpoch(now, Multi.createFrom().deferred(() -> {
            Selection selection = new Selection(now.name(), now.epoch(), prefix, subjects);
            LastPerSubject last = new LastPerSubject(selection, now, payloads, consumers, states);
            return last.open()
                    .stage(FlatMapMany.flatMapMany(open -> new CurrentPages(this, selection, now, last, size).pages()))
                    .onTermination()
                    .invoke(last::close);
        }));
    }

    /**
     * Returns the messages from {@code start} to the current end of the stream: pages in stream order. Nothing is created
     * in a stream that keeps its messages for consumers.
     *
     * @param now the state of the stream, requested just before
     * @param size limits of a page
     */
    public Multi<Page> stored(StreamState now, SubjectSet subjects, ReplayStart start, PageSize size) {
        return ofOneEpoch(now, locate(now, subjects, start).stage(FlatMapMany.flatMapMany(found -> new StoredPages(
                        found.position(), now.last(), position -> stored(now, found.selection(), position, size))
                .pages())));
    }

    /**
     * As {@link #stored}, but only the last message of each subject. A subject that gets another message meanwhile can occur
     * again with it.
     */
    public Multi<Page> storedLast(StreamState now, SubjectSet subjects, ReplayStart start, PageSize size) {
        if (!now.limits()) {
            return stored(now, subjects, start, size)
                    .onItem()
                    .transformToUniAndConcatenate(page -> singles.onlyLast(now.name(), page));
        }
        return ofOneEpoch(now, locate(now, subjects, start).stage(FlatMapMany.flatMapMany(found -> current(
                        now, "", subjects, true, size)
                .filter(page -> page.position() > found.position())
                .map(page -> page.after(found.position())))));
    }

    private static Multi<Page> ofOneEpoch(StreamState now, Multi<Page> pages) {
        return pages.onFailure(StreamRecreatedException.class)
                .transform(recreated -> Failure.UNAVAILABLE.because(
                        "The stream " + now.name() + " was created again while it was read"));
    }

    @Override
    public Multi<StreamMessage> follow(Selection selection, long position, long time, SubscriptionObserver observer) {
        return Multi.createFrom().deferred(() -> new StreamFollower(
                        selection, position, time, consumers, singles, direct, states, reachable(), observer)
                .messages());
    }

    @Override
    public Uni<Page> page(Selection selection, long position, long known, PageSize size) {
        return direct.page(selection, position, known, size)
                .chain(page ->
                        page.map(Uni.createFrom()::item).orElseGet(() -> consumed(selection, position, known, size)))
                .onFailure(failure -> !(failure instanceof StreamRecreatedException))
                .recoverWithUni(failure -> singles.page(selection, position, known));
    }

    @Override
    public Uni<Boolean> nothingUpTo(Selection selection, long position, long known) {
        return singles.nothingUpTo(selection, position, known);
    }

    @Override
    public Runnable observe(SubscriptionObserver observer) {
        return link.observe(observer);
    }

    @Override
    public Uni<Void> reachable() {
        return link.reachable();
    }

    private Uni<Page> stored(StreamState now, Selection selection, long position, PageSize size) {
        return now.limits()
                ? page(selection, position, now.last(), size)
                : direct.anyPage(selection, position, now.last(), size)
                        .chain(page -> page.map(Uni.createFrom()::item)
                                .orElseGet(() -> singles.page(selection, position, now.last())))
                        .onFailure(failure -> !(failure instanceof StreamRecreatedException))
                        .recoverWithUni(failure -> singles.page(selection, position, now.last()));
    }

    private Uni<Page> consumed(Selection selection, long position, long known, PageSize size) {
        return Uni.createFrom().emitter(emitter -> {
            PageReader reading = new PageReader(selection, position, known, size, states, singles, emitter);
            consumers
                    .read(
                            selection,
                            new StartPosition.Sequence(position + 1),
                            consumers.options().withPrefetch(size.messages(), size.bytes()),
                            reading)
                    .ifNoItem()
                    .after(PAGE_TIMEOUT)
                    .failWith(() -> Failure.UNAVAILABLE.because("A page was not received in time"))
                    .subscribe()
                    .withSubscriber(reading);
        });
    }
}
