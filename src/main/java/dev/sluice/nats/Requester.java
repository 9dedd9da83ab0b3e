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
 * Asks over core NATS and gives the first reply. All replies come to one inbox; a request that was answered, gave up or
 * was cancelled leaves nothing behind. Nothing is sent twice: whether the responder has acted on a request without a
 * reply is not known.
 *
 * <p>Nothing here blocks. Results come on the Vert.x context that was current at subscription, else on Mutiny's default
 * executor.
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

    /** One that traces nothing. */
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
     * Sends {@code message} at every subscription and waits for its reply. A reply may be the report of an error by a
     * NATS service: see {@link ServiceError#of}.
     *
     * <p>Fails {@code NO_RESPONDERS} at once when nobody serves the subject, {@code TIMEOUT} without a reply in time,
     * {@code FORBIDDEN} when the server does not let us publish to it, {@code UNAVAILABLE} at once while NATS is away, {@code OVERLOADED} when too many requests wait, {@code TOO_LARGE}.
     *
     * @param timeout more than zero
     */
    public Uni<InboundMessage> request(OutboundMessage message, Duration timeout) {
        return tracing.sending("request", message, traced -> Uni.createFrom().deferred(() -> Uni.createFrom()
                .<InboundMessage>emitter(emitter -> ask(traced, timeout, emitter))
                .emitOn(ContextExecutor.executor())));
    }

    /** How many requests wait for their reply now. */
    public int inFlight() {
        return waiting.size();
    }

    /** Requests sent. */
    public long sent() {
        return sent.sum();
    }

    /** Requests that got no reply in time. */
    public long timeouts() {
        return timeouts.sum();
    }

    /** Requests that nobody serves. */
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
            emitter.fail(Failure.OVERLOADED.because("Too many requests wait for their reply; nothing was sent"));
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
            fail(number, Failure.NO_RESPONDERS, "Nobody serves this subject");
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

    /** Takes a request out of the window; null if it has left already. */
    private @Nullable Waiting remove(long number) {
        Waiting removed = waiting.remove(number);
        if (removed != null) {
            window.giveBack(1);
        }
        return removed;
    }

    /** A request without a reply so far. */
    private record Waiting(String subject, UniEmitter<? super InboundMessage> emitter) {}

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-request-deadlines");
        thread.setDaemon(true);
        return thread;
    }
}
