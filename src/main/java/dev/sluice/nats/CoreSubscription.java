package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.flow.HotMulti;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One open core subscription. jnats sends it again after a reconnect. This class subscribes again when the connection
 * was replaced, and reports when the server has the subscription.
 */
final class CoreSubscription implements LinkListener {
    private final SubjectSet subjects;
    private final Optional<String> queueGroup;
    private final HotMulti.Sink<InboundMessage> sink;
    private final SubscriptionObserver observer;
    private final Function<Connection, Dispatcher> dispatchers;
    private final LinkThreads threads;
    private final Executor closing;
    private final DispatcherLimits limits;
    private final Runnable whenNotEnded;

    /** Messages since the dispatcher exceeded its limits. Confined to its thread. */
    private long crowdedMessages;
    /** Bytes of these messages. Confined to the dispatcher's thread. */
    private long crowdedBytes;

    private final List<Subscription> subscriptions = new ArrayList<>();
    /** The connection of {@link #subscriptions}. */
    private @Nullable Connection subscribedOn;

    private final FullQueueRetry retry;

    private @Nullable Subscription echo;
    private boolean awaitingEcho;
    private volatile boolean closed;

    /**
     * @param closing where the subscriptions are ended, which waits for room in the outgoing queue
     * @param whenNotEnded run if the server could not be told of the end, so that it keeps the subscription
     */
    CoreSubscription(
            SubjectSet subjects,
            Optional<String> queueGroup,
            HotMulti.Sink<InboundMessage> sink,
            SubscriptionObserver observer,
            Function<Connection, Dispatcher> dispatchers,
            LinkThreads threads,
            Executor closing,
            DispatcherLimits limits,
            Runnable whenNotEnded) {
        this.subjects = subjects;
        this.queueGroup = queueGroup;
        this.sink = sink;
        this.observer = observer;
        this.dispatchers = dispatchers;
        this.threads = threads;
        this.retry = new FullQueueRetry(threads);
        this.closing = closing;
        this.limits = limits;
        this.whenNotEnded = whenNotEnded;
    }

    @Override
    public void up(Connection connection) {
        retry.send(connection, () -> subscribeOn(connection));
    }

    private synchronized void subscribeOn(Connection connection) {
        if (closed) {
            return;
        }
        if (subscribedOn != connection) {
            subscriptions.clear();
            echo = null;
            subscribedOn = connection;
        }
        Dispatcher serving = dispatchers.apply(connection);
        subscribe(serving);
        announce(connection, serving);
    }

    @Override
    public synchronized void down() {
        retry.stop();
        awaitingEcho = false;
        observer.interrupted();
    }

    @Override
    public void subscriptionDenied(DeniedSubscription denial) {
        boolean ours;
        synchronized (this) {
            Subscription awaited = echo;
            ours = subjects.patterns().stream().anyMatch(pattern -> denial.concerns(pattern.value(), queueGroup))
                    || (awaited != null && denial.concerns(String.valueOf(awaited.getSubject()), Optional.empty()));
        }
        if (ours) {
            sink.fail(Failure.FORBIDDEN.because(
                    "The NATS server does not permit Sluice's own user to subscribe to " + denial.subject()));
        }
    }

    /** Fails this subscription if the server has not confirmed it: it may be the rejected one. */
    @Override
    public void tooManySubscriptions() {
        boolean unconfirmed;
        synchronized (this) {
            unconfirmed = awaitingEcho;
        }
        if (unconfirmed) {
            sink.fail(Failure.LIMIT_REACHED.because(
                    "The limit on subscriptions of Sluice's own user or its account is reached at the NATS server"));
        }
    }

    /** Ends the subscription soon. Never blocks. */
    void close() {
        closed = true;
        closing.execute(this::unsubscribe);
    }

    private synchronized void unsubscribe() {
        boolean ended = true;
        for (Subscription subscription : subscriptions) {
            ended &= Dispatchers.unsubscribe(subscription);
        }
        subscriptions.clear();
        endEcho();
        if (!ended) {
            whenNotEnded.run();
        }
    }

    /** Subscribes to the patterns that are not subscribed to. */
    private void subscribe(Dispatcher serving) {
        List<SubjectPattern> patterns = subjects.patterns();
        for (int i = subscriptions.size(); i < patterns.size(); i++) {
            int index = i;
            String subject = patterns.get(i).value();
            MessageHandler handler = message -> receive(index, serving, message);
            subscriptions.add(queueGroup
                    .map(group -> serving.subscribe(subject, group, handler))
                    .orElseGet(() -> serving.subscribe(subject, handler)));
        }
    }

    /**
     * Publishes a message to its own inbox after the subscriptions. The server processes a connection in order, so when
     * this echo arrives, the subscriptions are active or denied. The link's event thread handles the errors that the
     * server reported for them before the echo. An echo that arrives late, after an outage, is ignored.
     */
    private void announce(Connection connection, Dispatcher serving) {
        endEcho();
        String inbox = connection.createInbox();
        echo = serving.subscribe(inbox, message -> threads.run(() -> echoed(inbox)));
        awaitingEcho = true;
        connection.publish(inbox, null);
    }

    private synchronized void echoed(String inbox) {
        Subscription awaited = echo;
        if (!closed && awaitingEcho && awaited != null && inbox.equals(awaited.getSubject())) {
            awaitingEcho = false;
            endEcho();
            observer.active();
        }
    }

    private void endEcho() {
        Subscription last = echo;
        echo = null;
        if (last != null) {
            Dispatchers.unsubscribe(last);
        }
    }

    /**
     * Emits a message unless it is a duplicate, a status without payload or on a reserved subject. Reserved NATS subjects
     * match a leading wildcard and are not exposed. In a queue group there are no duplicates: the server picks one
     * subscription per message, over all patterns.
     */
    private void receive(int index, Dispatcher serving, Message message) {
        String subject = message.getSubject();
        boolean ours = queueGroup.isPresent() || subjects.owns(index, subject);
        if (ours && !message.isStatusMessage() && !Subject.reserved(subject)) {
            if (excess(serving, message)) {
                limits.whenDropped().run();
            } else {
                sink.offer(InboundMessage.of(message));
            }
        }
    }

    /**
     * Returns whether the dispatcher has more than its limits and this subscription has had its share of that. The others on
     * the same dispatcher, which may receive little, lose nothing.
     */
    private boolean excess(Dispatcher serving, Message message) {
        if (limits.exceededBy(serving)) {
            crowdedMessages++;
            crowdedBytes += message.getData().length;
            return limits.exceedsShare(crowdedMessages, crowdedBytes);
        }
        crowdedMessages = 0;
        crowdedBytes = 0;
        return false;
    }
}
