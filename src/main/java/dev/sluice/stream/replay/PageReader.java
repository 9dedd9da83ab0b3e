package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.pull.CreationHook;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects one page from its own consumer, until the page is full, the consumer has no more messages, or reading
 * fails. If reading fails before the first message, the page fails.
 *
 * <p>The consumer may be on a server that does not have the latest messages yet. So its messages are valid, but only the
 * stream's leader is trusted that there are no more.
 *
 * <p>Signals are serial. The state does not change after the end.
 */
final class PageReader implements MultiSubscriber<Delivery>, CreationHook {
    private final Selection selection;
    private final long position;
    private final long known;
    private final PageSize size;
    private final StreamStates states;
    private final SingleReads singles;
    private final UniEmitter<? super Page> page;

    private final List<StreamMessage> messages = new ArrayList<>();
    private Flow.@Nullable Subscription subscription;
    private Optional<Gap> gap = Optional.empty();
    private boolean nothingLeft;
    private long end;
    private int read;
    private long bytes;

    /** @param known a sequence that was stored before this read started */
    PageReader(
            Selection selection,
            long position,
            long known,
            PageSize size,
            StreamStates states,
            SingleReads singles,
            UniEmitter<? super Page> page) {
        this.selection = selection;
        this.position = position;
        this.known = known;
        this.size = size;
        this.states = states;
        this.singles = singles;
        this.page = page;
        this.end = position;
    }

    /** Requests the stream state after the consumer was created; so the consumer is of the selected epoch. */
    @Override
    public Uni<Void> pass(ConsumerInfo consumer) {
        return states.state(selection.stream()).onItem().transformToUni(now -> {
            selection.check(now, position);
            gap = Gap.behind(position, now);
            end = Math.max(position, now.first() - 1);
            nothingLeft = consumer.state().pending() == 0;
            return nothingLeft
                    ? Uni.createFrom().failure(Failure.NO_MESSAGE.because("The stream has no more"))
                    : Uni.createFrom().voidItem();
        });
    }

    @Override
    public void onSubscribe(Flow.Subscription toConsumer) {
        subscription = toConsumer;
        toConsumer.request(size.messages());
    }

    @Override
    public void onItem(Delivery delivery) {
        if (selection.wants(delivery.subject())) {
            StreamMessage message = StreamMessage.of(delivery);
            messages.add(message);
            bytes += message.message().size();
        }
        read++;
        end = delivery.streamSequence();
        nothingLeft = delivery.pending() == 0;
        if (nothingLeft || read == size.messages() || bytes >= size.bytes()) {
            Flow.Subscription open = subscription;
            if (open != null) {
                open.cancel();
            }
            complete();
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        if (failure instanceof StreamRecreatedException || (read == 0 && !nothingLeft)) {
            page.fail(failure);
        } else {
            complete();
        }
    }

    @Override
    public void onCompletion() {
        complete();
    }

    private void complete() {
        Page collected = new Page(gap, messages, end, read);
        if (!nothingLeft || end >= known || read == size.messages() || bytes >= size.bytes()) {
            page.complete(collected);
        } else {
            singles.next(selection, end)
                    .map(next -> collected.followedBy(next, selection, known))
                    .subscribe()
                    .with(page::complete, failure -> unconfirmed(collected, failure));
        }
    }

    /** Without the leader, only the messages that were read are certain. */
    private void unconfirmed(Page collected, Throwable failure) {
        if (collected.messages().isEmpty() || failure instanceof StreamRecreatedException) {
            page.fail(failure);
        } else {
            page.complete(collected);
        }
    }
}
