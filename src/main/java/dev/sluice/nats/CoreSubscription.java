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
 * One open core subscription. jnats sends it again after a reconnect; this class makes it anew when the whole
 * connection was replaced, and tells when the server has it.
 */
final class CoreSubscription implements LinkListener {
    private final SubjectSet subjects;
    private final Optional<String> queueGroup;
    private final HotMulti.Sink<InboundMessage> sink;
    private final SubscriptionObserver observer;
    private final Function<Connection, Dispatcher> dispatchers;
    private final Executor linkEvents;

    private final List<Subscription> subscriptions = new ArrayList<>();
    private @Nullable Connection subscribedOn;
    private @Nullable Dispatcher dispatcher;
    private @Nullable Subscription echo;
    private boolean awaitingEcho;
    private boolean closed;

    CoreSubscription(
            SubjectSet subjects,
            Optional<String> queueGroup,
            HotMulti.Sink<InboundMessage> sink,
            SubscriptionObserver observer,
            Function<Connection, Dispatcher> dispatchers,
            Executor linkEvents) {
        this.subjects = subjects;
        this.queueGroup = queueGroup;
        this.sink = sink;
        this.observer = observer;
        this.dispatchers = dispatchers;
        this.linkEvents = linkEvents;
    }

    @Override
    public synchronized void up(Connection connection) {
        if (closed) {
            return;
        }
        Dispatcher serving = dispatchers.apply(connection);
        if (subscribedOn != connection) {
            subscriptions.clear();
            echo = null;
            subscribedOn = connection;
            dispatcher = serving;
            subscribe(serving);
        }
        announce(connection, serving);
    }

    @Override
    public synchronized void down() {
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

    /** Whatever the server does not have yet may be what it refused. */
    @Override
    public void tooManySubscriptions() {
        boolean unconfirmed;
        synchronized (this) {
            unconfirmed = awaitingEcho;
        }
        if (unconfirmed) {
            sink.fail(Failure.LIMIT_REACHED.because(
                    "The NATS server has as many subscriptions of Sluice's own user, or its account, as it allows"));
        }
    }

    synchronized void close() {
        closed = true;
        Dispatcher serving = dispatcher;
        if (serving != null && serving.isActive()) {
            subscriptions.forEach(serving::unsubscribe);
            endEcho(serving);
        }
        subscriptions.clear();
    }

    private void subscribe(Dispatcher serving) {
        List<SubjectPattern> patterns = subjects.patterns();
        for (int i = 0; i < patterns.size(); i++) {
            int index = i;
            String subject = patterns.get(i).value();
            MessageHandler handler = message -> receive(index, message);
            subscriptions.add(queueGroup
                    .map(group -> serving.subscribe(subject, group, handler))
                    .orElseGet(() -> serving.subscribe(subject, handler)));
        }
    }

    /**
     * Sends a message to itself behind the subscriptions. The server reads one connection in order, so when this
     * message comes back the subscriptions are in force or denied. What the server said of them before is handled before
     * it, on the link's event thread. One that comes back late, after an outage, means nothing.
     */
    private void announce(Connection connection, Dispatcher serving) {
        endEcho(serving);
        String inbox = connection.createInbox();
        echo = serving.subscribe(inbox, message -> linkEvents.execute(() -> echoed(inbox, serving)));
        awaitingEcho = true;
        connection.publish(inbox, null);
    }

    private synchronized void echoed(String inbox, Dispatcher serving) {
        Subscription awaited = echo;
        if (awaitingEcho && awaited != null && inbox.equals(awaited.getSubject())) {
            awaitingEcho = false;
            endEcho(serving);
            observer.active();
        }
    }

    private void endEcho(Dispatcher serving) {
        Subscription last = echo;
        echo = null;
        if (last != null && serving.isActive()) {
            serving.unsubscribe(last);
        }
    }

    /**
     * Statuses are jnats' reading of a header that anybody can publish, and have lost their payload; NATS' own subjects
     * reach a wildcard in front, and are nobody's to see. In a queue group the server itself picks one subscription for
     * each message, over all patterns.
     */
    private void receive(int index, Message message) {
        String subject = message.getSubject();
        boolean ours = queueGroup.isPresent() || subjects.owns(index, subject);
        if (ours && !message.isStatusMessage() && !SubjectRules.reserved(subject)) {
            sink.offer(InboundMessage.of(message));
        }
    }
}
