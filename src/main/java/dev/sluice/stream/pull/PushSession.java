package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.Dispatchers;
import dev.sluice.nats.LinkListener;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to a push consumer. Requests the consumer's info on every connect and again when the consumer is
 * silent. The answer creates the subscription.
 *
 * <p><b>One thread subscribes and receives.</b> jnats sends a subscription before it registers the handler, and drops
 * messages that arrive in between. So the dispatcher of the deliveries also receives the answer, and the subscription
 * is created on its thread, where no message can be handled in between.
 *
 * <p><b>Silence.</b> A server may consider a consumer inactive although its subscriber exists, if a message was sent
 * during a reconnect. A new subscription reactivates it. It is created only if no message was received before the
 * answer, which takes the same path: otherwise it would drop messages in flight.
 */
final class PushSession implements LinkListener {
    private static final Logger LOG = Logger.getLogger(PushSession.class);
    private static final int CONTROL = 100;
    private static final String STALLED = "Nats-Consumer-Stalled";
    private static final int MISSED_HEARTBEATS = 3;
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final int ANSWER_TICKS = 2;

    private final ConsumerRef ref;
    private final Overflow overflow;
    private final PullContext context;
    private final HotMulti.Sink<PushSignal> sink;
    private final Executor emission = ContextExecutor.executor();
    private final HeartbeatMonitor heartbeatMonitor = new HeartbeatMonitor();

    private @Nullable Dispatcher dispatcher;
    private @Nullable Subscription question;
    private @Nullable Subscription subscription;
    private @Nullable ConsumerInfo info;
    private PushSignal.@Nullable FlowControl flowControl;
    private volatile boolean silent;
    private boolean closed;

    PushSession(ConsumerRef ref, Overflow overflow, PullContext context, HotMulti.Sink<PushSignal> sink) {
        this.ref = ref;
        this.overflow = overflow;
        this.context = context;
        this.sink = sink;
    }

    @Override
    public synchronized void up(Connection connection) {
        Dispatcher serving = dispatcher;
        if (serving == null || !serving.isActive()) {
            dispatcher = context.dispatchers().next(connection);
            subscription = null;
            question = null;
        }
        ask(connection);
    }

    @Override
    public void denied(String subject) {
        if (subject.equals(context.api().infoSubject(ref))) {
            sink.fail(DeniedSubjects.refusal(subject));
        }
    }

    @Override
    public synchronized void down() {
        heartbeatMonitor.off();
    }

    /** Called on the ticker's thread. */
    void tick() {
        if (heartbeatMonitor.tick() && context.link().up()) {
            timedOut(context.link().connection());
        }
    }

    private synchronized void timedOut(Connection connection) {
        if (info != null) {
            silent = true;
            context.counters().missedHeartbeats.increment();
        }
        ask(connection);
    }

    synchronized void close() {
        closed = true;
        heartbeatMonitor.off();
        question = ended(question);
        subscription = ended(subscription);
    }

    private void ask(Connection connection) {
        Dispatcher serving = dispatcher;
        if (closed || serving == null) {
            return;
        }
        try {
            question = ended(question);
            String inbox = connection.createInbox();
            question = serving.subscribe(inbox, answer -> answered(connection, inbox, answer));
            context.api().askConsumerInfo(connection, ref, inbox);
        } catch (IllegalStateException unsendable) {
            LOG.debugf("Cannot ask about %s: %s", ref, unsendable.getMessage());
        }
        heartbeatMonitor.after(ANSWER_TICKS);
    }

    /** Called on the dispatcher's thread, like all methods below. */
    private void answered(Connection connection, String inbox, Message answer) {
        Throwable failure = null;
        synchronized (this) {
            Subscription asked = question;
            if (closed || asked == null || !inbox.equals(asked.getSubject())) {
                return;
            }
            question = ended(asked);
            try {
                known(connection, JetStreamApi.answeredConsumerInfo(ref, answer));
            } catch (SluiceException why) {
                if (ConsumerInquiry.absent(why)) {
                    failure = ConsumerInquiry.missing(ref, why);
                } else if (!ConsumerInquiry.isTransient(why)) {
                    failure = why;
                }
            }
        }
        if (failure != null) {
            sink.fail(failure);
        }
    }

    private void known(Connection connection, ConsumerInfo now) {
        if (!now.push()) {
            throw Failure.INVALID.because("The consumer " + ref + " is pull based");
        }
        if (now.flowControl() && overflow != Overflow.FAIL) {
            throw Failure.INVALID.because("The consumer " + ref + " has flow control, so nothing may be dropped");
        }
        boolean unfinished = now.state().pending() + now.state().ackPending() > 0;
        boolean stuck = silent && (heartbeatsReachUs(now) || unfinished);
        if (subscription == null || stuck || changed(now)) {
            subscription = ended(subscription);
            subscription = subscribe(connection, now);
        }
        info = now;
        silent = false;
        Duration timeout = heartbeatsReachUs(now) ? now.heartbeat().multipliedBy(MISSED_HEARTBEATS) : SILENCE;
        heartbeatMonitor.watch(PullContext.ticks(timeout));
    }

    /** A heartbeat to a queue group reaches only one member, so members cannot rely on heartbeats. */
    private static boolean heartbeatsReachUs(ConsumerInfo consumer) {
        return !consumer.heartbeat().isZero() && consumer.deliverGroup() == null;
    }

    private boolean changed(ConsumerInfo now) {
        ConsumerInfo before = info;
        return before == null
                || !Objects.equals(before.deliverSubject(), now.deliverSubject())
                || !Objects.equals(before.deliverGroup(), now.deliverGroup())
                || !before.heartbeat().equals(now.heartbeat())
                || before.flowControl() != now.flowControl()
                || before.ackMode() != now.ackMode();
    }

    private @Nullable Subscription subscribe(Connection connection, ConsumerInfo now) {
        Dispatcher serving = dispatcher;
        String subject = now.deliverSubject();
        String group = now.deliverGroup();
        if (subject == null || serving == null || !serving.isActive()) {
            return null;
        }
        ConsumerAcks acks =
                new ConsumerAcks(context.link(), now.ackMode(), context.counters(), emission, emission, connection);
        acks.left(); // there are no pulls that a returned delivery could come back to
        MessageHandler handler = message -> received(connection, acks, message);
        return group == null ? serving.subscribe(subject, handler) : serving.subscribe(subject, group, handler);
    }

    private static @Nullable Subscription ended(@Nullable Subscription last) {
        if (last != null) {
            Dispatchers.unsubscribe(last);
        }
        return null;
    }

    private void received(Connection connection, ConsumerAcks acks, Message message) {
        heartbeatMonitor.signOfLife();
        silent = false;
        AckSubject position = AckSubject.parse(message.getReplyTo());
        if (position != null) {
            sink.offer(new PushSignal.Delivered(new Delivery(message, position, acks), context.counters()));
        } else if (message.isStatusMessage()) {
            control(connection, message);
        } else {
            context.counters().unreadable.increment();
        }
    }

    /**
     * Handles a flow control request or a heartbeat. The request has the answer's subject as reply subject. A heartbeat
     * repeats it in a header while the server waits, in case the request or the answer was lost. Servers of version 2.9
     * send an empty reply subject for none.
     */
    private void control(Connection connection, Message message) {
        String replyTo = message.getReplyTo();
        String stalled = message.hasHeaders() ? message.getHeaders().getFirst(STALLED) : null;
        String answerTo = replyTo == null || replyTo.isEmpty() ? stalled : replyTo;
        PushSignal.FlowControl last = flowControl;
        if (message.getStatus().getCode() != CONTROL) {
            context.counters().unreadable.increment();
        } else if (answerTo != null && last != null && last.answersTo(answerTo)) {
            last.answerAgain();
        } else if (answerTo != null) {
            PushSignal.FlowControl next = new PushSignal.FlowControl(connection, answerTo, context.counters());
            flowControl = next;
            sink.offer(next);
        }
    }
}
