package dev.sluice.http.state;

import dev.sluice.access.OpenRequest;
import dev.sluice.failure.Failure;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.Buffers;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.ResponseEnd;
import dev.sluice.stream.object.DownloadWindow;
import dev.sluice.stream.object.ObjectReader;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the content of an object as it is read. A further chunk is requested when the socket has taken one, so the
 * source is no faster than the client. A download that cannot be completed is aborted. Its state is confined to the
 * request's event loop.
 */
final class ObjectDownload implements MultiSubscriber<byte[]> {
    /** Idle time after which the object is checked for replacement. */
    private static final Duration IDLE = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(ObjectDownload.class);

    private final RoutingContext routing;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Executor eventLoop;
    private final Runnable head;
    private final ObjectReader.Content content;
    private final DownloadWindow window;
    private final Duration stall;
    private final Supplier<Uni<Boolean>> replaced;
    private final Consumer<Throwable> refused;
    private Flow.@Nullable Subscription chunks;
    private long requested;
    private long received;
    private int unwritten;
    private boolean progressed;
    private boolean over;
    private Duration waited = Duration.ZERO;
    private long timer;

    /**
     * @param head sets the status and the headers; called before the first byte
     * @param window the chunks that wait for NATS and for the socket
     * @param stall maximum time that both the client and Sluice wait for a chunk
     * @param replaced returns whether the object was replaced; its chunks are then gone
     * @param refused receives the failure if nothing is written yet
     */
    ObjectDownload(
            RoutingContext routing,
            Runnable head,
            ObjectReader.Content content,
            DownloadWindow window,
            Duration stall,
            Supplier<Uni<Boolean>> replaced,
            Consumer<Throwable> refused) {
        this.routing = routing;
        this.request = routing.request();
        this.response = routing.response();
        this.eventLoop = ContextExecutor.of(routing);
        this.head = head;
        this.content = content;
        this.window = window;
        this.stall = stall;
        this.replaced = replaced;
        this.refused = refused;
    }

    void begin() {
        if (content.items() == 0) {
            head.run();
            response.end();
            return;
        }
        ResponseEnd.whenGone(response, this::end);
        if (!over) {
            watch();
            content.data().subscribe().withSubscriber(this);
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        chunks = subscription;
        request();
    }

    @Override
    public void onItem(byte[] chunk) {
        eventLoop.execute(() -> write(chunk));
    }

    @Override
    public void onFailure(Throwable failure) {
        eventLoop.execute(() -> failed(failure));
    }

    @Override
    public void onCompletion() {
        onFailure(Failure.UNAVAILABLE.because("The object ended before its end"));
    }

    private void write(byte[] chunk) {
        if (over) {
            return;
        }
        if (!response.headWritten()) {
            head.run();
        }
        received++;
        progressed = true;
        if (received == content.items()) {
            over = true;
            routing.vertx().cancelTimer(timer);
            // Until the client has taken the rest it is a download: it holds memory.
            OpenRequest.of(routing).end(Buffers.wrap(chunk)).onComplete(done -> end());
            return;
        }
        unwritten++;
        response.write(Buffers.wrap(chunk)).onSuccess(done -> written(chunk.length));
    }

    private void written(int size) {
        unwritten--;
        progressed = true;
        if (over || requested == content.items()) {
            return;
        }
        if (unwritten == 0) {
            window.grow(size);
        } else if (requested == received) {
            window.shrink();
        }
        request();
    }

    private void request() {
        long most = Math.min(content.items(), received - unwritten + window.size());
        Flow.Subscription source = chunks;
        if (source != null && requested < most) {
            long more = most - requested;
            requested = most;
            source.request(more);
        }
    }

    private void failed(Throwable cause) {
        if (over) {
            return;
        }
        end();
        if (response.headWritten()) {
            LOG.debugf(cause, "The download of %s was aborted", request.path());
            AbortedResponse.cutOff(request);
        } else {
            refused.accept(cause);
        }
    }

    private void watch() {
        progressed = false;
        timer = routing.vertx().setTimer(IDLE.toMillis(), due -> check());
    }

    private void check() {
        if (progressed || unwritten > 0) {
            waited = Duration.ZERO;
            watch();
            return;
        }
        waited = waited.plus(IDLE);
        if (waited.compareTo(stall) >= 0) {
            failed(Failure.UNAVAILABLE.because("A chunk of the object did not come in time"));
            return;
        }
        watch();
        replaced.get()
                .subscribe()
                .with(
                        gone -> eventLoop.execute(() -> {
                            if (gone && !progressed) {
                                failed(Failure.NO_OBJECT.because("The object was replaced while it was read"));
                            }
                        }),
                        unknown -> LOG.debugf(unknown, "Nothing is known of %s", request.path()));
    }

    private void end() {
        over = true;
        routing.vertx().cancelTimer(timer);
        window.close();
        Flow.Subscription source = chunks;
        if (source != null) {
            source.cancel();
        }
    }
}
