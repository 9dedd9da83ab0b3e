package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.CallerThread;
import dev.sluice.flow.HotMulti;
import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.subscription.Cancellable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to a push consumer. Asks what the consumer is like whenever NATS comes up, and again when its
 * heartbeats are missing; then subscribes, unless the present subscription still fits.
 */
final class PushSession implements LinkListener {
    private static final int CONTROL = 100;
    private static final String STALLED = "Nats-Consumer-Stalled";
    private static final int MISSED_HEARTBEATS = 3;
    private static final int TICKS_BEFORE_ASKING_AGAIN = 2;

    private final ConsumerRef ref;
    private final NatsLink link;
    private final JetStreamApi api;
    private final PullDispatchers dispatchers;
    private final PullCounters counters;
    private final HotMulti.Sink<PushSignal> sink;
    private final Executor emission = CallerThread.executor();
    private final Object emitting = new Object();
    private final Alarm alarm = new Alarm();
    private @Nullable Connection subscribedOn;
    private @Nullable Dispatcher dispatcher;
    private @Nullable Subscription subscription;
    private @Nullable PushFacts facts;
    private @Nullable Cancellable question;
    private boolean closed;

    PushSession(
            ConsumerRef ref,
            NatsLink link,
            JetStreamApi api,
            PullDispatchers dispatchers,
            PullCounters counters,
            HotMulti.Sink<PushSignal> sink) {
        this.ref = ref;
        this.link = link;
        this.api = api;
        this.dispatchers = dispatchers;
        this.counters = counters;
        this.sink = sink;
    }

    @Override
    public void up(Connection connection) {
        ask();
    }

    @Override
    public void down() {
        alarm.off();
    }

    /** Called on the ticker's thread. */
    void tick() {
        if (alarm.tick()) {
            if (facts != null) {
                counters.missedHeartbeats.increment();
            }
            ask();
        }
    }

    synchronized void close() {
        closed = true;
        alarm.off();
        Cancellable asked = question;
        if (asked != null) {
            asked.cancel();
        }
        unsubscribe();
    }

    private synchronized void ask() {
        if (!closed && link.up()) {
            question = api.ask("CONSUMER.INFO." + ref.stream() + "." + ref.consumer(), "")
                    .subscribe()
                    .with(this::known, this::unknown);
        }
    }

    private synchronized void known(JsonValue answer) {
        if (closed) {
            return;
        }
        try {
            PushFacts now = PushFacts.of(ref, answer);
            Connection connection = link.connection();
            if (subscribedOn != connection || !now.equals(facts)) {
                unsubscribe();
                facts = now;
                subscribe(connection, now);
            }
            if (!now.heartbeat().isZero()) {
                alarm.watch(MISSED_HEARTBEATS * Ticker.ticks(now.heartbeat()));
            }
        } catch (SluiceException e) {
            unknown(e);
        }
    }

    private void unknown(Throwable failure) {
        boolean passing = failure instanceof SluiceException known
                && (known.failure() == Failure.UNAVAILABLE || known.failure() == Failure.TIMEOUT);
        if (passing) {
            alarm.after(TICKS_BEFORE_ASKING_AGAIN);
        } else {
            synchronized (emitting) {
                sink.fail(failure);
            }
        }
    }

    private void subscribe(Connection connection, PushFacts now) {
        Acks acks = new Acks(now.ackMode(), counters, emission, connection);
        Dispatcher serving = dispatchers.next(connection);
        MessageHandler handler = message -> received(connection, acks, message);
        subscribedOn = connection;
        dispatcher = serving;
        subscription = now.deliverGroup()
                .map(group -> serving.subscribe(now.deliverSubject(), group, handler))
                .orElseGet(() -> serving.subscribe(now.deliverSubject(), handler));
    }

    private void unsubscribe() {
        Dispatcher serving = dispatcher;
        Subscription current = subscription;
        if (serving != null && current != null && serving.isActive()) {
            serving.unsubscribe(current);
        }
        subscription = null;
    }

    private void received(Connection connection, Acks acks, Message message) {
        alarm.signOfLife();
        if (message.isStatusMessage()) {
            control(connection, message);
            return;
        }
        AckSubject position = AckSubject.parse(message.getReplyTo());
        if (position == null) {
            counters.unreadable.increment();
        } else {
            offer(new PushSignal.Delivered(new Delivery(message, position, acks), counters));
        }
    }

    /** A flow control request names its answer as reply; a heartbeat while the server waits for one, in a header. */
    private void control(Connection connection, Message message) {
        if (message.getStatus().getCode() != CONTROL) {
            counters.unreadable.increment();
            return;
        }
        String stalled = message.hasHeaders() ? message.getHeaders().getFirst(STALLED) : null;
        String answerTo = message.getReplyTo() == null ? stalled : message.getReplyTo();
        if (answerTo != null) {
            offer(new PushSignal.FlowControl(() -> answer(connection, answerTo)));
        }
    }

    private void answer(Connection connection, String answerTo) {
        try {
            connection.publish(answerTo, null);
        } catch (IllegalStateException closedOrFull) {
            counters.unsentAcks.increment();
        }
    }

    private void offer(PushSignal signal) {
        synchronized (emitting) {
            sink.offer(signal);
        }
    }
}
