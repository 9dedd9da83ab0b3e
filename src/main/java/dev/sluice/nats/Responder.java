package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Limit;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Replies on one subject. jnats subscribes again after a reconnect, this class after the connection was replaced, and
 * after a pause if the server denied or revoked a subscription: the server does not restore it when it grants the
 * permission.
 */
final class Responder implements LinkListener {
    /** The default queue group of NATS services (ADR-32). */
    private static final String QUEUE_GROUP = "q";

    private static final Duration ROUND_TRIP = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Logger LOG = Logger.getLogger(Responder.class);

    private final String subject;
    private final Function<InboundMessage, Uni<byte[]>> handler;
    private final RespondConfig config;
    private final EndpointStats stats = new EndpointStats();
    private final LinkThreads threads;
    private final FullQueueRetry retry;
    private final Limit window;
    /** Requests without a reply. A permit of the window is given back before the reply, which may lead to the next request. */
    private final AtomicInteger unanswered = new AtomicInteger();

    private Runnable stopListening = () -> {};
    private @Nullable Connection servedOn;
    private @Nullable Dispatcher dispatcher;
    /** What replies to each subject. */
    private final Map<String, BiConsumer<Connection, Message>> handlers = new LinkedHashMap<>();
    /** The subscriptions on {@link #servedOn}, by subject. */
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    /** The connection that is up. Confined to the link's event thread. */
    private @Nullable Connection reachable;

    private boolean closed;

    Responder(
            ServiceDescription service,
            Subject subject,
            Function<InboundMessage, Uni<byte[]>> handler,
            RespondConfig config,
            Limit window,
            LinkThreads threads) {
        this.threads = threads;
        this.retry = new FullQueueRetry(threads);
        this.subject = subject.value();
        this.handler = handler;
        this.config = config;
        this.window = window;
        handlers.putAll(new ServiceDirectory(service, this.subject, QUEUE_GROUP, stats).handlers());
        handlers.put(this.subject, this::requested);
    }

    synchronized void listenTo(NatsLink link) {
        stopListening = link.listen(this);
    }

    @Override
    public void up(Connection connection) {
        reachable = connection;
        retry.send(connection, () -> serveOn(connection));
    }

    private synchronized void serveOn(Connection connection) {
        if (closed) {
            return;
        }
        Dispatcher serving = dispatcher;
        if (serving == null || servedOn != connection) {
            serving = connection.createDispatcher();
            servedOn = connection;
            dispatcher = serving;
            subscriptions.clear();
        }
        for (Map.Entry<String, BiConsumer<Connection, Message>> entry : handlers.entrySet()) {
            if (!subscriptions.containsKey(entry.getKey())) {
                MessageHandler handler = message -> entry.getValue().accept(connection, message);
                subscriptions.put(entry.getKey(), subscribe(serving, entry.getKey(), handler));
            }
        }
    }

    private Subscription subscribe(Dispatcher serving, String handled, MessageHandler handler) {
        return group(handled)
                .map(group -> serving.subscribe(handled, group, handler))
                .orElseGet(() -> serving.subscribe(handled, handler));
    }

    private Optional<String> group(String handled) {
        return handled.equals(subject) ? Optional.of(QUEUE_GROUP) : Optional.empty();
    }

    @Override
    public void down() {
        reachable = null;
        retry.stop();
    }

    @Override
    public void subscriptionDenied(DeniedSubscription denial) {
        Connection connection = reachable;
        if (connection != null && end(denial)) {
            threads.later(CoreSubscriptions.BETWEEN_TRIES, () -> {
                if (reachable == connection) {
                    retry.send(connection, () -> serveOn(connection));
                }
            });
        }
    }

    /** Ends the subscription that was denied, in jnats too. Returns whether it is one of this responder. */
    private synchronized boolean end(DeniedSubscription denial) {
        Subscription denied =
                denial.concerns(denial.subject(), group(denial.subject())) ? subscriptions.get(denial.subject()) : null;
        if (denied == null || closed) {
            return false;
        }
        Dispatchers.unsubscribe(denied);
        subscriptions.remove(denial.subject());
        return true;
    }

    EndpointStats stats() {
        return stats;
    }

    int inFlight() {
        return (int) window.taken();
    }

    /**
     * Ends the subscription. Completes when the requests that have arrived are answered. Blocks for a round trip to the
     * server, as a request may be on its way until then.
     */
    Uni<Void> drain() {
        Dispatcher serving = end();
        Uni<Void> delivered = Uni.createFrom().voidItem();
        if (serving != null && serving.isActive()) {
            try {
                delivered = Uni.createFrom()
                        .completionStage(serving.drain(ROUND_TRIP))
                        .replaceWithVoid();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IllegalStateException fullOrClosed) {
                LOG.debugf("The subscription of %s was not drained: %s", subject, fullOrClosed.getMessage());
            }
        }
        return delivered.chain(() -> Uni.createFrom()
                .item(() -> unanswered.get() == 0)
                .repeat()
                .withDelay(POLL)
                .until(Boolean::booleanValue)
                .collect()
                .last()
                .replaceWithVoid());
    }

    private synchronized @Nullable Dispatcher end() {
        closed = true;
        stopListening.run();
        return dispatcher;
    }

    synchronized void close() {
        closed = true;
        stopListening.run();
        Connection connection = servedOn;
        Dispatcher serving = dispatcher;
        if (connection != null && serving != null && serving.isActive()) {
            connection.closeDispatcher(serving);
        }
    }

    private void requested(Connection connection, Message message) {
        String replyTo = message.getReplyTo();
        if (replyTo == null) {
            return;
        }
        long startedAt = System.nanoTime();
        if (!window.tryTake(1)) {
            refuse(connection, replyTo, startedAt, new ServiceError(503, "Too many requests are in progress"));
            return;
        }
        unanswered.incrementAndGet();
        Uni.createFrom()
                .deferred(() -> handler.apply(InboundMessage.of(message)))
                .ifNoItem()
                .after(config.timeout())
                .failWith(() -> Failure.TIMEOUT.because("The request took too long to process"))
                .onTermination()
                .invoke(() -> window.release(1))
                .subscribe()
                .with(
                        reply -> {
                            answer(connection, replyTo, startedAt, reply);
                            unanswered.decrementAndGet();
                        },
                        failure -> {
                            refuse(connection, replyTo, startedAt, error(failure));
                            unanswered.decrementAndGet();
                        });
    }

    private void answer(Connection connection, String replyTo, long startedAt, byte[] reply) {
        try {
            MessageSender.send(connection, replyTo, null, Map.of(), reply);
            stats.served(startedAt);
        } catch (SluiceException e) {
            refuse(connection, replyTo, startedAt, error(e));
        }
    }

    private void refuse(Connection connection, String replyTo, long startedAt, ServiceError error) {
        stats.failed(startedAt, error);
        try {
            byte[] body = ServiceDirectory.bytes(Map.of("error", error.description()));
            MessageSender.send(connection, replyTo, null, error.headers(), body);
        } catch (SluiceException unsent) {
            LOG.warnf("No reply could be sent to a request on %s: %s", subject, unsent.getMessage());
        }
    }

    private ServiceError error(Throwable thrown) {
        if (thrown instanceof SluiceException known) {
            return ServiceError.of(known);
        }
        LOG.errorf(thrown, "A request on %s failed", subject);
        return new ServiceError(500, "The service failed");
    }
}
