package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.pull.StartAt;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Goes along with the end of a stream through everything that can happen to its consumer, its connection and the stream
 * itself. What breaks it off leads to a new consumer behind the last message; the message after that one is read by
 * itself, in case it was the reason.
 *
 * <p>One subscription at a time; its signals are serial, and so is all state.
 */
final class Follower {
    private static final Logger LOG = Logger.getLogger(Follower.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);
    private static final int MOST_DOUBLINGS = 6;

    private final Selection selection;
    private final Consumers consumers;
    private final SingleReads singles;
    private final StreamStates states;
    private final Uni<Void> connected;
    private long position;
    private boolean brokenOff;
    private int failures;

    Follower(
            Selection selection,
            long position,
            Consumers consumers,
            SingleReads singles,
            StreamStates states,
            Uni<Void> connected) {
        this.selection = selection;
        this.position = position;
        this.consumers = consumers;
        this.singles = singles;
        this.states = states;
        this.connected = connected;
    }

    Multi<Recorded> messages() {
        return connected
                .onItem()
                .transformToMulti(up -> Multi.createBy()
                        .concatenating()
                        .streams(pastTheBreak(), Multi.createFrom().deferred(this::onwards)))
                .onItem()
                .invoke(this::passed)
                .onFailure(failure -> !(failure instanceof LifeOver))
                .invoke(this::failed)
                .onFailure(failure -> !(failure instanceof LifeOver) && !forbidden(failure))
                .retry()
                .when(failed -> failed.onItem().transformToUniAndConcatenate(this::pause))
                .onFailure(LifeOver.class)
                .recoverWithCompletion();
    }

    private Multi<Recorded> pastTheBreak() {
        if (!brokenOff) {
            return Multi.createFrom().empty();
        }
        return singles.next(selection, position).onItem().transformToMulti(next -> Multi.createFrom()
                .items(next.stream()));
    }

    private Multi<Recorded> onwards() {
        brokenOff = true;
        return consumers
                .read(
                        selection,
                        new StartAt.Sequence(position + 1),
                        consumers.pulls().options(),
                        origin -> states.state(selection.stream())
                                .invoke(now -> selection.check(now, position))
                                .replaceWithVoid())
                .map(Recorded::of);
    }

    /** Our own user may not read the stream, and trying again does not help. */
    private static boolean forbidden(Throwable failure) {
        return failure instanceof SluiceException known && known.failure() == Failure.FORBIDDEN;
    }

    private void passed(Recorded message) {
        position = message.sequence();
        failures = 0;
    }

    private void failed(Throwable failure) {
        LOG.debugf("Following %s behind %d broke off: %s", selection.stream(), position, failure.getMessage());
        failures++;
    }

    private Uni<Throwable> pause(Throwable failure) {
        Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        return Uni.createFrom().item(failure).onItem().delayIt().by(pause);
    }
}
