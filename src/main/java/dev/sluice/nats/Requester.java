package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.Permits;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends core NATS requests and returns the first reply. All replies arrive at one inbox. A request that is answered,
 * timed out or cancelled releases all its state. A request is never sent twice: if no reply arrives, it is unknown
 * whether the responder has processed it.
 *
 * <p>Does not block, except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full. Results are
 * emitted on the Vert.x context that was current at subscription, or else on Mutiny's default executor.
 */
@Singleton
public final class Requester implements LinkListener, AutoCloseable {
    private static final int NO_RESPONDERS = 503;

    private final MessageTracing tracing;
    private final NatsLink link;
    private final Permits window;
    private final Runnable stopListening;
    private final ScheduledThreadPoolExecutor deadlines = new ScheduledThreadPoolExecutor(1, Requester::thread);
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder sent = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder unserved = new LongAdder();
    private @Nullable ReplyInbox opened;
    private volatile @Nullable ReplyInbox inbox;

    @Inject
    public Requester(NatsLinks links, RequestConfig config, MessageTracing tracing) {
        this(links.publishing(), config, tracing);
    }

    /** Creates a requester without tracing. */
    public Requester(NatsLinks links, RequestConfig config) {
        this(links.publishing(), config);
    }

    Requester(NatsLink link, RequestConfig config) {
        this(link, config, MessageTracing.OFF);
    }

    private Requester(NatsLink link, RequestConfig config, MessageTracing tracing) {
        this.link = link;
        this.tracing = tracing;
        window = new Permits(config.window());
        deadlines.setRemoveOnCancelPolicy(true);
        stopListening = link.listen(this);
    }

    /**
     * Returns a {@code Uni} that sends {@code message} on each subscription and emits the reply. The reply may be an
     * error of a NATS service: see {@link ServiceError#of}.
     *
     * <p>Fails immediately with {@code NO_RESPONDERS} if the subject has no responder, {@code UNAVAILABLE} while NATS
     * is unreachable, {@code OVERLOADED} if too many requests wait, or {@code TOO_LARGE}. Fails with {@code FORBIDDEN}
     * if the server denies the publish or the inbox, and with {@code TIMEOUT} if no reply arrives in time.
     *
     * @param timeout the time to wait for the reply, more than zero
     */
    public Uni<InboundMessage> request(OutboundMessage message, Duration timeout) {
        return tracing.sending("request", message, traced -> Uni.createFrom().deferred(() -> Uni.createFrom()
                .<InboundMessage>emitter(emitter -> ask(traced, timeout, emitter))
                .emitOn(ContextExecutor.executor())));
    }

    /** Returns the number of requests that currently wait for their reply. */
    public int inFlight() {
        return waiting.size();
    }

    /** Returns the number of sent requests. */
    public long sent() {
        return sent.sum();
    }

    /** Returns the number of requests without a reply in time. */
    public long timeouts() {
        return timeouts.sum();
    }

    /** Returns the number of requests without a responder. */
    public long unserved() {
        return unserved.sum();
    }

    @Override
    public void up(Connection connection) {
        ReplyInbox current = opened;
        if (current == null || current.connection() != connection) {
            current = ReplyInbox.open(connection, this::replied);
            opened = current;
        }
        inbox = current;
    }

    @Override
    public void down() {
        inbox = null;
    }

    @Override
    public void denied(String subject) {
        waiting.forEach((number, request) -> {
            if (request.subject().equals(subject)) {
                fail(number, DeniedSubjects.refusal(subject));
            }
        });
    }

    @Override
    @PreDestroy
    public void close() {
        stopListening.run();
        deadlines.shutdownNow();
        waiting.keySet().forEach(number -> fail(number, Failure.UNAVAILABLE, "This server is shutting down"));
    }

    private void ask(OutboundMessage message, Duration timeout, UniEmitter<? super InboundMessage> emitter) {
        ReplyInbox now = inbox;
        if (now == null || deadlines.isShutdown()) {
            emitter.fail(Failure.UNAVAILABLE.because("NATS cannot be reached; nothing was sent"));
            return;
        }
        if (link.unanswered()) {
            emitter.fail(NatsLink.noAnswers());
            return;
        }
        if (!window.take(1)) {
            emitter.fail(Failure.OVERLOADED.because("Too many requests wait for a reply; nothing was sent"));
            return;
        }
        long number = numbers.incrementAndGet();
        waiting.put(number, new Waiting(message.subject().value(), emitter));
        Future<?> deadline = deadlines.schedule(() -> late(number, timeout), timeout.toNanos(), TimeUnit.NANOSECONDS);
        emitter.onTermination(() -> {
            deadline.cancel(false);
            remove(number);
        });
        try {
            MessageSender.send(
                    now.connection(),
                    message.subject().value(),
                    now.replyTo(number),
                    message.headers(),
                    message.data());
            sent.increment();
        } catch (RuntimeException e) {
            deadline.cancel(false);
            remove(number);
            emitter.fail(e);
        }
    }

    private void replied(long number, Message reply) {
        if (reply.isStatusMessage() && reply.getStatus().getCode() == NO_RESPONDERS) {
            unserved.increment();
            fail(number, Failure.NO_RESPONDERS, "No service subscribes to this subject");
            return;
        }
        Waiting answered = remove(number);
        if (answered != null) {
            answered.emitter().complete(InboundMessage.of(reply));
        }
    }

    private void late(long number, Duration timeout) {
        timeouts.increment();
        fail(number, Failure.TIMEOUT, "No reply within " + timeout.toMillis() + " ms");
    }

    private void fail(long number, Failure failure, String detail) {
        fail(number, failure.because(detail));
    }

    private void fail(long number, SluiceException failure) {
        Waiting failed = remove(number);
        if (failed != null) {
            failed.emitter().fail(failure);
        }
    }

    /** Removes a request from the window. Returns null if it was already removed. */
    private @Nullable Waiting remove(long number) {
        Waiting removed = waiting.remove(number);
        if (removed != null) {
            window.giveBack(1);
        }
        return removed;
    }

    /** A request that waits for its reply. */
    private record Waiting(String subject, UniEmitter<? super InboundMessage> emitter) {}

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-request-deadlines");
        thread.setDaemon(true);
        return thread;
    }
}
