package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.flow.Overflow;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sends core NATS requests and returns the first reply, or all of them. A request that is answered, timed out or
 * cancelled releases all its state. A request is never sent twice: if no reply arrives, it is unknown whether the
 * responder has processed it.
 *
 * <p>Does not block, except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full. Results are
 * emitted on the Vert.x context that was current at subscription, or else on Mutiny's default executor.
 */
@Singleton
public final class Requester implements Limited, AutoCloseable {
    private final MessageTracing tracing;
    private final NatsLink link;
    private final Limit window;
    private final BufferBounds<ReplyItem> replyBuffer;
    private final Set<Counted> open = ConcurrentHashMap.newKeySet();
    private final LongAdder sent = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder unserved = new LongAdder();
    private final LongAdder overflows = new LongAdder();
    private volatile boolean closed;

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
        window = new Limit("sluice.request.window", config.window());
        replyBuffer = new BufferBounds<>(
                config.replyBufferMessages(),
                config.replyBufferSize().asLongValue(),
                Overflow.FAIL,
                Requester::size,
                overflows::increment);
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
    public Multi<ReplyItem> requestMany(OutboundMessage message, ReplyLimits limits) {
        return tracing.sending("request", message, Uni.createFrom()::item)
                .stage(FlatMapMany.flatMapMany(
                        traced -> HotMulti.of(replyBuffer, sink -> collect(traced, limits, sink))));
    }

    /** Returns the number of requests that currently wait for their reply. */
    public int inFlight() {
        return open.size();
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
    public List<Limit> limits() {
        return List.of(window);
    }

    /** Fails all requests that wait for a reply. */
    public void endRequests() {
        open.forEach(request -> request.fail(stopped()));
    }

    @Override
    @PreDestroy
    public void close() {
        closed = true;
        endRequests();
    }

    private static SluiceException stopped() {
        return Failure.UNAVAILABLE.because(
                "This instance stopped before a reply arrived; whether the request was processed is not known");
    }

    /** The failure of a request whose connection was closed permanently. The link may open another one. */
    static SluiceException connectionClosed() {
        return Failure.UNAVAILABLE.because(
                "The connection to NATS was closed before a reply arrived; whether the request was processed is not known");
    }

    private void ask(OutboundMessage message, Duration timeout, UniEmitter<? super InboundMessage> emitter) {
        send(message, timeout, new EmitterReply(message.subject().value(), timeout, emitter));
    }

    private Runnable collect(OutboundMessage message, ReplyLimits limits, HotMulti.Sink<ReplyItem> sink) {
        ReplyCollector collector = new ReplyCollector(
                message.subject().value(), limits, link.threads().events(), sink);
        send(message, limits.timeout(), collector);
        return collector::close;
    }

    private void send(OutboundMessage message, Duration timeout, PendingRequest replies) {
        if (closed || !link.up()) {
            throw Failure.UNAVAILABLE.because("NATS cannot be reached; nothing was sent");
        }
        Connection connection = link.connection();
        window.take(1, "Too many requests wait for a reply; nothing was sent");
        Counted request = new Counted(replies);
        open.add(request);
        try {
            link.requests()
                    .send(
                            connection,
                            request,
                            timeout,
                            replyTo -> MessageSender.send(
                                    connection, request.subject(), replyTo, message.headers(), message.data()));
            sent.increment();
        } catch (IllegalStateException e) {
            request.over();
            throw connection.getStatus() == Connection.Status.CLOSED
                    ? Failure.UNAVAILABLE.because("NATS cannot be reached; nothing was sent", e)
                    : Failure.OVERLOADED.because("The connection to NATS cannot keep up; nothing was sent", e);
        } catch (RuntimeException e) {
            request.over();
            throw e;
        }
    }

    /** A request that holds a permit of the window, and is counted. */
    final class Counted implements PendingRequest {
        private final PendingRequest replies;

        Counted(PendingRequest replies) {
            this.replies = replies;
        }

        @Override
        public String subject() {
            return replies.subject();
        }

        @Override
        public void onEnd(Runnable release) {
            replies.onEnd(() -> {
                release.run();
                over();
            });
        }

        private void over() {
            if (open.remove(this)) {
                window.release(1);
            }
        }

        @Override
        public void reply(Message reply) {
            replies.reply(reply);
        }

        @Override
        public void noResponders(Message reply) {
            unserved.increment();
            replies.noResponders(reply);
        }

        @Override
        public boolean timedOut() {
            boolean none = replies.timedOut();
            if (none) {
                timeouts.increment();
            }
            return none;
        }

        @Override
        public void closed() {
            replies.closed();
        }

        @Override
        public void fail(SluiceException failure) {
            replies.fail(failure);
        }

        @Override
        public void disconnected() {
            replies.disconnected();
        }
    }

    private static long size(ReplyItem item) {
        return item instanceof ReplyItem.Reply reply ? reply.message().size() : 0;
    }
}
