package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.flow.Permits;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Multi;
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
import java.util.function.Consumer;
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
    private final BufferBounds<ManyReply> replyBuffer;
    private final ScheduledThreadPoolExecutor deadlines = new ScheduledThreadPoolExecutor(1, Requester::thread);
    private final Map<Long, WaitingRequest> waiting = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder sent = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder unserved = new LongAdder();
    private final LongAdder overflows = new LongAdder();
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
        replyBuffer = new BufferBounds<>(
                config.replyBufferMessages(),
                config.replyBufferSize().asLongValue(),
                Overflow.FAIL,
                Requester::size,
                overflows);
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

    /**
     * Returns a {@code Multi} that sends {@code message} on each subscription and emits the replies, then the reason why no
     * other one follows. Fails as {@link #request}, except that the lack of a responder or of a reply is a reason. Replies
     * that the subscriber has not requested wait in a buffer; if it is full, the replies fail with {@code OVERFLOW}.
     * Replies are emitted on a thread of the connection or of a timer, which must not be blocked.
     */
    public Multi<ManyReply> requestMany(OutboundMessage message, ReplyLimits limits) {
        return tracing.sending("request", message, Uni.createFrom()::item)
                .stage(FlatMapMany.flatMapMany(
                        traced -> HotMulti.of(replyBuffer, sink -> collect(traced, limits, sink))));
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

    /** Returns the number of requests with several replies whose client was too slow to take them. */
    public long overflows() {
        return overflows.sum();
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
                request.fail(DeniedSubjects.refusal(subject));
            }
        });
    }

    @Override
    @PreDestroy
    public void close() {
        stopListening.run();
        deadlines.shutdownNow();
        waiting.values()
                .forEach(request -> request.fail(Failure.UNAVAILABLE.because("This instance is shutting down")));
    }

    private void ask(OutboundMessage message, Duration timeout, UniEmitter<? super InboundMessage> emitter) {
        WaitingRequest request = new WaitingRequest.Single(message.subject().value(), timeout, emitter);
        try {
            send(message, timeout, request, emitter::onTermination);
        } catch (RuntimeException e) {
            emitter.fail(e);
        }
    }

    private Runnable collect(OutboundMessage message, ReplyLimits limits, HotMulti.Sink<ManyReply> sink) {
        ReplyCollector collector = new ReplyCollector(message.subject().value(), limits, deadlines, sink);
        send(message, limits.timeout(), collector, collector::whenOver);
        return collector::close;
    }

    /** @param releasing receives the action that releases the state of the request, before it is sent */
    private void send(OutboundMessage message, Duration timeout, WaitingRequest request, Consumer<Runnable> releasing) {
        ReplyInbox now = inbox;
        if (now == null || deadlines.isShutdown()) {
            throw Failure.UNAVAILABLE.because("NATS cannot be reached; nothing was sent");
        }
        if (link.unanswered()) {
            throw NatsLink.noAnswers();
        }
        if (!window.take(1)) {
            throw Failure.OVERLOADED.because("Too many requests wait for a reply; nothing was sent");
        }
        long number = numbers.incrementAndGet();
        waiting.put(number, request);
        Future<?> deadline = deadlines.schedule(() -> late(number), timeout.toNanos(), TimeUnit.NANOSECONDS);
        Runnable release = () -> {
            deadline.cancel(false);
            remove(number);
        };
        releasing.accept(release);
        try {
            MessageSender.send(
                    now.connection(),
                    message.subject().value(),
                    now.replyTo(number),
                    message.headers(),
                    message.data());
            sent.increment();
        } catch (RuntimeException e) {
            release.run();
            throw e;
        }
    }

    private void replied(long number, Message reply) {
        WaitingRequest request = waiting.get(number);
        if (reply.isStatusMessage() && reply.getStatus().getCode() == NO_RESPONDERS) {
            unserved.increment();
            if (request != null) {
                request.unserved();
            }
        } else if (request != null) {
            request.take(InboundMessage.of(reply));
        }
    }

    private void late(long number) {
        WaitingRequest request = waiting.get(number);
        if (request != null && request.late()) {
            timeouts.increment();
        }
    }

    /** Removes a request from the window, once. */
    private void remove(long number) {
        if (waiting.remove(number) != null) {
            window.giveBack(1);
        }
    }

    private static long size(ManyReply item) {
        return item instanceof ManyReply.Reply reply ? reply.message().size() : 0;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-request-deadlines");
        thread.setDaemon(true);
        return thread;
    }
}
