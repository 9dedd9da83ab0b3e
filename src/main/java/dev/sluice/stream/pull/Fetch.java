package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.SerialExecutor;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.LinkListener;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * One pull, from the question whether its consumer exists to its last message. What came is handed on in
 * {@link FetchedBatches}; the batch bounds them.
 *
 * <p>Ends when the batch is full, when the server says that there is no more, and at the latest when the fetch has
 * expired. What breaks a fetch that has brought messages ends it, what breaks one that has not is its failure.
 *
 * <p><b>A status may come before messages.</b> The leader of a replicated consumer sends a message when a majority knows
 * of its delivery, and a status at once. A status that ends the pull says how much the pull had left, so what it was
 * granted besides and has not come is still awaited, for as long as it goes on coming ({@link #LATE}).
 *
 * <p>All state belongs to the serial executor.
 */
final class Fetch implements Flow.Subscription, PullInbox.Receiver, LinkListener, ConsumerInquiry.Listener {
    /** How long messages that were granted may stay away, after the status that ended their pull or the last of them. */
    private static final int LATE = Ticker.ticks(Duration.ofSeconds(2));

    private final ConsumerRef ref;
    private final FetchRequest request;
    private final PullContext context;
    private final Executor serial;
    private final OpenPulls pulls;
    private final ConsumerInquiry inquiry;
    private final FetchedBatches bursts;
    private final List<Delivery> unwanted = new ArrayList<>();
    private boolean brought;
    private boolean told;
    private boolean replicated;
    private boolean restUnknown;
    private @Nullable SluiceException refusal;
    private boolean ended;
    private boolean closed;
    private @Nullable Connection connection;
    private @Nullable PullDrain drain;
    private volatile @Nullable ConsumerAcks acks;
    private Runnable unlisten = () -> {};
    private Runnable untick = () -> {};

    /** @param whole whether everything is to be one item, when it is complete */
    Fetch(
            ConsumerRef ref,
            FetchRequest request,
            boolean whole,
            PullContext context,
            Executor executor,
            MultiSubscriber<? super List<Delivery>> downstream) {
        this.ref = ref;
        this.request = request;
        this.context = context;
        this.serial = new SerialExecutor(executor);
        this.inquiry = new ConsumerInquiry(context.api(), ref, serial, this);
        this.bursts = new FetchedBatches(whole, context.counters(), downstream);
        this.pulls = OpenPulls.ofFetch(ref, request, context, this);
    }

    void begin() {
        serial.execute(() -> {
            if (!ended) {
                context.fetches().add(this);
            }
            context.counters().active.increment();
            untick = context.ticker().onTick(this::tick);
            unlisten = context.link().listen(this);
            ask();
        });
    }

    /** Ends with what has come. Any thread. */
    void stop() {
        serial.execute(() -> end(null));
    }

    private void ask() {
        try {
            Connection usable = context.link().connection();
            connection = usable;
            inquiry.ask(usable);
        } catch (SluiceException away) {
            end(away);
        }
    }

    @Override
    public void known(ConsumerInfo consumer, boolean created) {
        Connection usable = connection;
        if (ended || usable == null) {
            return;
        }
        replicated = consumer.needsQuorum();
        acks = new ConsumerAcks(context.link(), consumer.ackMode(), context.counters(), serial, serial, usable);
        pulls.through(usable);
        try {
            pulls.once(consumer.limits(), request, replicated);
        } catch (IllegalStateException unsendable) {
            end(Failure.UNAVAILABLE.because("NATS cannot be reached", unsendable));
        }
    }

    @Override
    public void missing(SluiceException why) {
        end(why);
    }

    @Override
    public void refused(SluiceException why) {
        end(why);
    }

    @Override
    public void unanswered(SluiceException why) {
        end(Failure.UNAVAILABLE.because("JetStream does not answer about " + ref, why));
    }

    @Override
    public void message(Message message, AckSubject position) {
        pulls.heartbeatMonitor().signOfLife();
        ConsumerAcks known = acks;
        if (known == null) {
            unreadable(message);
        } else {
            serial.execute(() -> arrived(new Delivery(message, position, known)));
        }
    }

    @Override
    public void status(PullSignal signal) {
        serial.execute(() -> told(signal));
    }

    /** It counts against the batch at the server; the consumer's own rule for failing messages applies to it. */
    @Override
    public void unreadable(Message message) {
        context.counters().unreadable.increment();
        serial.execute(() -> counted(0));
    }

    @Override
    public void up(Connection other) {}

    @Override
    public void denied(String subject) {
        if (subject.equals(context.api().pullSubject(ref))) {
            serial.execute(() -> {
                pulls.reset();
                end(DeniedSubjects.refusal(subject));
            });
        }
    }

    @Override
    public void down() {
        serial.execute(() -> {
            pulls.reset();
            end(Failure.UNAVAILABLE.because("NATS cannot be reached"));
        });
    }

    @Override
    public void request(long n) {
        serial.execute(() -> {
            if (n <= 0) {
                drop();
                brought = false;
                end(Subscriptions.getInvalidRequestException());
            } else {
                bursts.request(n);
            }
        });
    }

    @Override
    public void cancel() {
        bursts.cancel();
        serial.execute(() -> {
            drop();
            end(null);
        });
    }

    private void drop() {
        unwanted.addAll(bursts.drop());
    }

    private void tick() {
        if (pulls.heartbeatMonitor().tick()) {
            serial.execute(this::rung);
        }
    }

    private void rung() {
        PullDrain last = drain;
        if (last != null) {
            last.rung();
            leave();
        } else if (told) {
            context.counters().missing.add(pulls.outstanding());
            end(refusal);
        } else {
            end(request.silence(ref, replicated));
        }
    }

    private void arrived(Delivery delivery) {
        if (delivery.delivered() > 1) {
            context.counters().redelivered.increment();
        }
        if (ended) {
            unwanted.add(delivery);
        } else {
            brought = true;
            bursts.add(delivery);
        }
        counted(delivery.wireSize());
        if (closed) {
            giveBack();
        }
    }

    private void counted(long size) {
        pulls.received(size);
        if (!pulls.any() && !restUnknown) {
            end(refusal);
        }
    }

    private void told(PullSignal signal) {
        PullDrain last = drain;
        if (signal.status() == PullStatus.HEARTBEAT || !pulls.heartbeat(signal.pull())) {
            return;
        }
        if (last != null) {
            last.status(signal);
            leave();
        } else if (!told) {
            told = true;
            pulls.ended(signal);
            refusal = request.refusal(signal, ref);
            restUnknown = replicated && !signal.tellsRest() && signal.status().mayOvertakeMessages();
            if (pulls.any() || restUnknown) {
                pulls.heartbeatMonitor().watch(LATE);
            } else {
                end(refusal);
            }
        }
    }

    /** No more is handed on than what is ready. */
    private void end(@Nullable Throwable cause) {
        if (!ended) {
            ended = true;
            context.fetches().remove(this);
            ConsumerAcks known = acks;
            Connection usable = connection;
            if (known != null && known.mode() != AckMode.NONE && usable != null && pulls.any()) {
                drain = new PullDrain(pulls, usable);
            }
        }
        leave();
        bursts.end(brought ? null : cause);
    }

    /** Gives back what came too late, once no pull is open that it could meet. */
    private void leave() {
        PullDrain last = drain;
        if (!closed && (last == null || last.over())) {
            closed = true;
            unlisten.run();
            untick.run();
            pulls.close();
            context.counters().active.decrement();
            giveBack();
        }
    }

    private void giveBack() {
        for (Delivery delivery : unwanted) {
            if (delivery.expectsAck() && delivery.nak()) {
                context.counters().returned.increment();
            }
        }
        unwanted.clear();
    }
}
