package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.pull.StartAt;
import io.nats.client.Connection;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads streams as they were stored: finds the stream of some subjects and the place to begin, reads history in pages at
 * the reader's pace, and goes along with the stream's end. Nothing is acknowledged and nothing is left behind.
 *
 * <p>Everything fails {@code UNAVAILABLE} while NATS is away, {@code NO_STREAM} without the stream and
 * {@link StreamRecreatedException} when another one has taken its name. Results come on threads of the connection or of Mutiny, which
 * must not be blocked.
 */
@Singleton
public final class Replay {
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final NatsLink link;
    private final StreamStates states;
    private final SingleReads singles;
    private final ReplayConsumers consumers;
    private final PositionResolver positions;
    private final DirectGetPages direct;

    @Inject
    public Replay(NatsLinks links, PullSubscriptions pulls, StoredMessages messages, PullConfig config) {
        link = links.consuming();
        states = new StreamStates(new JetStreamApi(links.publishing(), config.apiPrefix(), config.apiTimeout()));
        singles = new SingleReads(messages, states);
        consumers = new ReplayConsumers(pulls, states);
        positions = new PositionResolver(consumers, singles, states);
        direct =
                new DirectGetPages(new DirectGetClient(link, config.apiPrefix(), config.apiTimeout()), states, singles);
    }

    /** The stream that stores everything {@code subjects} can match, if there is one. */
    public Uni<Optional<StreamState>> covering(SubjectSet subjects) {
        return states.covering(subjects);
    }

    /** Where {@code start} is in the stream, of which {@code now} was just asked. */
    public Uni<ReplayPosition> locate(StreamState now, SubjectSet subjects, Start start) {
        return positions.find(new Selection(now.name(), now.epoch(), subjects), now, start);
    }

    /** How the stream is now. */
    public Uni<StreamState> state(String stream) {
        return states.state(stream);
    }

    /**
     * All messages behind {@code position}, each once and in order, also those of subjects that were not selected if the
     * server could not be told. It waits while NATS or the stream is away, and completes when the stream was created
     * again. Fails {@link FellBehindException} if messages were removed before they could be read, or with what the server refuses
     * again and again.
     *
     * @param time when the message at {@code position} was stored, in milliseconds since 1970; 0 if it is not known
     * @param observer told when the stream is followed, and when that is in vain although NATS may be there; the same may
     *     be told several times
     */
    public Multi<StreamMessage> follow(Selection selection, long position, long time, SubscriptionObserver observer) {
        return Multi.createFrom().deferred(() -> new StreamFollower(
                        selection, position, time, consumers, singles, direct, states, connected(), observer)
                .messages());
    }

    /**
     * The next messages behind {@code position}.
     *
     * @param known a sequence that was stored before; a page that comes to the end of the stream is beyond it
     */
    public Uni<Page> page(Selection selection, long position, long known, PageSize size) {
        return direct.page(selection, position, known, size)
                .chain(page ->
                        page.map(Uni.createFrom()::item).orElseGet(() -> consumed(selection, position, known, size)))
                .onFailure(failure -> !(failure instanceof StreamRecreatedException))
                .recoverWithUni(failure -> single(selection, position, known));
    }

    /** Tells when NATS can be reached and when not, until the returned handle is run. */
    public Runnable observe(SubscriptionObserver observer) {
        return link.listen(new LinkListener() {
            @Override
            public void up(Connection connection) {
                observer.active();
            }

            @Override
            public void down() {
                observer.interrupted();
            }
        });
    }

    /** Completes when NATS can be reached. */
    public Uni<Void> connected() {
        return Uni.createFrom().deferred(() -> {
            CompletableFuture<Void> up = new CompletableFuture<>();
            Runnable unlisten = observe(new SubscriptionObserver() {
                @Override
                public void active() {
                    up.complete(null);
                }

                @Override
                public void interrupted() {}
            });
            return Uni.createFrom().completionStage(up).onTermination().invoke(unlisten);
        });
    }

    private Uni<Page> consumed(Selection selection, long position, long known, PageSize size) {
        return Uni.createFrom().emitter(emitter -> {
            PageReader reading = new PageReader(selection, position, known, size, states, emitter);
            consumers
                    .read(
                            selection,
                            new StartAt.Sequence(position + 1),
                            consumers.options().withPrefetch(size.messages(), size.bytes()),
                            reading)
                    .ifNoItem()
                    .after(SILENCE)
                    .failWith(() -> Failure.UNAVAILABLE.because("A page did not come"))
                    .subscribe()
                    .withSubscriber(reading);
        });
    }

    private Uni<Page> single(Selection selection, long position, long known) {
        return singles.next(selection, position)
                .map(next -> next.map(message -> new Page(Optional.empty(), List.of(message), message.sequence()))
                        .orElseGet(() -> new Page(Optional.empty(), List.of(), Math.max(position, known))));
    }
}
