package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.RunOnce;
import dev.sluice.flow.SerialExecutor;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.LinkListener;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * One fetch: requests the info of its consumer, unless one is recent ({@link RecentConsumers}), sends a single pull, and
 * emits the deliveries through {@link FetchedBatches}. The batch size bounds the buffered deliveries.
 *
 * <p>The caller's check runs at the same time as the first request, and comes first: no pull is sent before it has
 * passed, and its failure is the failure of the fetch, whatever is answered about the consumer.
 *
 * <p>Ends when the batch or its bytes are full, when the server reports that there are no more messages, and at the
 * latest when the fetch has expired. A failure completes a fetch that has received messages, and fails one that has
 * not. So a fetch completes without messages only if the server has reported that there are none.
 *
 * <p>A pull that does not wait may stay unanswered: servers are silent while a consumer waits for acks. Then the
 * consumer is asked whether it has anything to deliver. Its answer may overtake messages of the pull.
 *
 * <p>If a fetch ends while its pull is open, it first drains the pull ({@link PullDrain}) and then completes. Otherwise the
 * pull would take messages that nobody receives. Messages that arrive meanwhile belong to the result, or are returned to
 * the consumer if the fetch was cancelled.
 *
 * <p>A fetch that emits everything at the end keeps its deliveries in progress until then: the ack wait is the
 * client's.
 *
 * <p><b>A status may overtake messages.</b> The leader of a replicated consumer sends a message only after a majority
 * knows of its delivery, but a status at once. The status that ends the pull reports how many messages the pull had
 * left. The fetch waits for the other messages until none has been received for {@link #LATE}. Then they are missing,
 * which is a failure: they were granted and not delivered, for example because the connection died between.
 *
 * <p>Confined to the serial executor, except where noted.
 */
final class Fetch implements Flow.Subscription, PullInbox.Receiver, LinkListener, ConsumerInquiry.Listener {
    /** Time to wait for late messages after the status that ended the pull, or after the last message. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private enum Phase {
        /** The info of the consumer is requested, and the check runs. */
        ASKING,
        PULLING,
        /**
         * The server was silent about a pull that does not wait, or has deleted the consumer or its replica. The info of the
         * consumer is requested again.
         */
        ASKING_AGAIN,
        /** The server has ended the pull. Messages that it has granted may still arrive. */
        ANSWERED,
        /** The fetch has ended. Its pull may be open. */
        DRAINING,
        CLOSED
    }

    private final ConsumerRef ref;
    private final FetchRequest request;
    private final Uni<Void> check;
    private final boolean whole;
    private final PullContext context;
    private final Executor serial;
    private final OpenPulls pulls;
    private final ConsumerInquiry inquiry;
    private final FetchedBatches batches;
    private final Runnable onEnd;
    private Phase phase = Phase.ASKING;
    private boolean checked;
    private Runnable whenChecked = () -> {};
    /** Whether the pull may rely on an info that an earlier fetch received. The state counts if the pull does not wait. */
    private boolean assumes;

    private boolean cancelled;
    private boolean received;
    private boolean replicated;
    private Duration ackWait = Duration.ZERO;
    private long consumerMaxBytes = Long.MAX_VALUE;
    private boolean remainderUnknown;
    private @Nullable SluiceException refusal;
    private @Nullable Throwable failure;
    private @Nullable Connection connection;
    private @Nullable PullDrain drain;
    private volatile @Nullable ConsumerAcks acks;
    private Runnable stopListening = () -> {};
    private Runnable stopTicking = () -> {};

    /**
     * @param check passes when it completes; subscribed to once
     * @param whole whether to emit all deliveries as one item at the end
     * @param onEnd runs once, when the pull has ended and the subscriber has received everything or has cancelled
     */
    Fetch(
            ConsumerRef ref,
            FetchRequest request,
            Uni<Void> check,
            boolean whole,
            PullContext context,
            Executor executor,
            MultiSubscriber<? super List<Delivery>> downstream,
            Runnable onEnd) {
        this.ref = ref;
        this.request = request;
        this.assumes = request.waits();
        this.check = check;
        this.whole = whole;
        this.onEnd = new RunOnce(onEnd);
        this.context = context;
        this.serial = new SerialExecutor(executor);
        this.inquiry = new ConsumerInquiry(context.api(), ref, serial, this);
        this.batches = new FetchedBatches(whole, context.counters(), context.progress(), downstream);
        this.pulls = OpenPulls.ofFetch(ref, request, context, this);
    }

    void begin() {
        context.counters().active.increment();
        serial.execute(() -> {
            if (phase == Phase.ASKING) {
                context.fetches().add(this);
                stopTicking = context.ticker().onTick(this::tick);
                stopListening = context.link().listen(this);
                check.emitOn(serial).subscribe().with(passed -> passed(), this::end);
                ask();
            }
        });
    }

    /** Ends the fetch with the received messages, within {@link PullDrain#MAX_DURATION}. Any thread. */
    void stop() {
        serial.execute(() -> end(null));
    }

    private void passed() {
        checked = true;
        whenChecked.run();
    }

    /** Handles an answer about the consumer, after the check has passed. */
    private void afterCheck(Runnable answered) {
        if (checked) {
            answered.run();
        } else {
            whenChecked = answered;
        }
    }

    private void ask() {
        try {
            Connection usable = context.link().connection();
            connection = usable;
            ConsumerInfo recent = assumes ? context.recent().get(ref, usable) : null;
            if (recent != null) {
                afterCheck(() -> exists(recent));
            } else {
                assumes = false;
                inquiry.ask(usable);
            }
        } catch (SluiceException away) {
            afterCheck(() -> end(away));
        }
    }

    private void askAgain(Phase next) {
        assumes = false;
        phase = next;
        ask();
    }

    @Override
    public void known(ConsumerInfo consumer, boolean created) {
        context.recent().put(ref, Objects.requireNonNull(connection), consumer);
        afterCheck(() -> exists(consumer));
    }

    private void exists(ConsumerInfo consumer) {
        Connection usable = connection;
        if (usable != null && phase == Phase.ASKING) {
            pull(consumer, usable);
        } else if (phase == Phase.ASKING_AGAIN) {
            end(refusal == null && consumer.delivers() ? silence() : refusal);
        }
    }

    private void pull(ConsumerInfo consumer, Connection usable) {
        phase = Phase.PULLING;
        replicated = consumer.needsQuorum() || (assumes && mayHaveFollowers(usable));
        ackWait = consumer.ackWait();
        consumerMaxBytes = consumer.limits().maxBytes();
        acks = new ConsumerAcks(context.link(), consumer.ackMode(), context.counters(), serial, serial, usable);
        pulls.useConnection(usable);
        try {
            pulls.sendSinglePull(consumer, request);
        } catch (IllegalStateException unsendable) {
            pulls.reset();
            end(Failure.UNAVAILABLE.because("NATS cannot be reached", unsendable));
        }
    }

    /** A consumer in a cluster may have been scaled up after its info was received. */
    private static boolean mayHaveFollowers(Connection usable) {
        return usable.getServerInfo().getCluster() != null;
    }

    @Override
    public void missing(SluiceException why) {
        afterCheck(() -> end(why));
    }

    @Override
    public void refused(SluiceException why) {
        afterCheck(() -> end(why));
    }

    @Override
    public void unanswered(SluiceException why) {
        afterCheck(() -> end(Failure.UNAVAILABLE.because("JetStream does not answer about " + ref, why)));
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
        serial.execute(() -> handle(signal));
    }

    /**
     * The server counts the message against the batch. It stays unsettled, so the consumer's ack wait and max deliver
     * apply.
     */
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
                giveBack();
                end(Subscriptions.getInvalidRequestException());
            } else {
                batches.request(n);
                endAfterLastBatch();
            }
        });
    }

    @Override
    public void cancel() {
        batches.cancel();
        serial.execute(() -> {
            giveBack();
            end(null);
        });
    }

    /** Returns the deliveries that were not emitted, and those that still come. */
    private void giveBack() {
        cancelled = true;
        received = false;
        batches.giveBack();
    }

    private void tick() {
        if (pulls.heartbeatMonitor().tick()) {
            serial.execute(this::timedOut);
        }
    }

    private void timedOut() {
        PullDrain last = drain;
        if (!pulls.heartbeatMonitor().fired()) {
            return;
        }
        if (last != null) {
            last.timedOut();
            closeAfterDrain();
        } else if (phase == Phase.ANSWERED) {
            context.counters().missing.add(pulls.outstanding());
            end(pulls.outstanding() == 0 ? refusal : missing());
        } else if (phase == Phase.PULLING && !request.waits() && !replicated) {
            askAgain(Phase.ASKING_AGAIN);
        } else {
            end(silence());
        }
    }

    private SluiceException silence() {
        return Failure.UNAVAILABLE.because("The consumer " + ref + " did not answer");
    }

    private SluiceException missing() {
        return Failure.UNAVAILABLE.because("The messages that " + ref + " granted to the fetch did not arrive");
    }

    private void arrived(Delivery delivery) {
        if (delivery.delivered() > 1) {
            context.counters().redelivered.increment();
        }
        if (cancelled || phase == Phase.CLOSED) {
            delivery.giveBack();
        } else {
            received = true;
            if (whole && delivery.expectsAck()) {
                context.progress().keep(delivery, ackWait, request.expires().plus(LATE));
            }
            batches.add(delivery);
        }
        counted(delivery.wireSize());
    }

    private void counted(long size) {
        pulls.received(size);
        if (!pulls.hasOpenPulls() && !remainderUnknown) {
            end(refusal);
        }
    }

    private void handle(PullSignal signal) {
        PullDrain last = drain;
        if (signal.status() == PullStatus.HEARTBEAT || !pulls.heartbeat(signal.pull())) {
            return;
        }
        if (last != null) {
            last.status(signal);
            closeAfterDrain();
        } else if (phase.compareTo(Phase.ANSWERED) < 0) {
            pulls.ended(signal);
            if (assumes && signal.status().deniesConsumer()) {
                pulls.reset();
                askAgain(Phase.ASKING);
                return;
            }
            phase = Phase.ANSWERED;
            refusal = request.refusal(signal, ref, consumerMaxBytes);
            remainderUnknown =
                    replicated && !signal.reportsRemainder() && signal.status().mayOvertakeMessages();
            if (pulls.hasOpenPulls() || remainderUnknown) {
                pulls.heartbeatMonitor().watch(PullContext.ticks(LATE));
            } else if (signal.status() == PullStatus.DELETED && !received) {
                askAgain(Phase.ASKING_AGAIN);
            } else {
                end(refusal);
            }
        }
    }

    /** Ends the fetch: starts the drain if a pull is open whose messages are not lost anyway. */
    private void end(@Nullable Throwable cause) {
        if (phase.compareTo(Phase.DRAINING) < 0) {
            phase = Phase.DRAINING;
            failure = cause;
            if (cause != null) {
                context.recent().remove(ref);
            }
            ConsumerAcks known = acks;
            Connection usable = connection;
            boolean lost = known == null || (cancelled && known.mode() == AckMode.NONE);
            if (!lost && usable != null && pulls.hasOpenPulls()) {
                drain = new PullDrain(pulls, usable, replicated);
            }
        }
        closeAfterDrain();
    }

    /** Closes the fetch after its drain, then answers, and returns unwanted deliveries: no open pull receives them. */
    private void closeAfterDrain() {
        PullDrain last = drain;
        if (phase != Phase.CLOSED && (last == null || last.ended())) {
            phase = Phase.CLOSED;
            context.fetches().remove(this);
            stopListening.run();
            stopTicking.run();
            pulls.close();
            context.counters().active.decrement();
            ConsumerAcks known = acks;
            if (known != null) {
                known.left();
            }
            batches.end(received ? null : failure);
        }
        endAfterLastBatch();
    }

    private void endAfterLastBatch() {
        if (phase == Phase.CLOSED && batches.ended()) {
            onEnd.run();
        }
    }
}
