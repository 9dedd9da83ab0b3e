package dev.sluice.access;

import dev.sluice.flow.ResponseEnd;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An open request and its share of its caller's quota and of the instance's limits. A streamed body is charged as it
 * arrives, any other body when the request has ended. Confined to the request's event loop.
 */
public final class OpenRequest {
    private static final String KEY = OpenRequest.class.getName();

    private final RoutingContext request;
    private final RequestLimiter instance;
    private final @Nullable CallerQuota quota;
    private Future<Void> taken = Future.succeededFuture();
    private long charged;

    private OpenRequest(RoutingContext request, RequestLimiter instance, @Nullable CallerQuota quota) {
        this.request = request;
        this.instance = instance;
        this.quota = quota;
    }

    /** Returns the open request of {@code request}, which must have passed {@link AuthenticationHandler}. */
    public static OpenRequest of(RoutingContext request) {
        return Objects.requireNonNull(request.get(KEY), "the request did not pass AuthenticationHandler");
    }

    /** @param quota the quota of the caller; null in open mode, where callers are not distinguished */
    static void begin(RoutingContext request, RequestLimiter instance, @Nullable CallerQuota quota) {
        if (quota != null) {
            quota.begin();
        }
        OpenRequest open = new OpenRequest(request, instance, quota);
        request.put(KEY, open);
        open.whenTaken(complete -> open.settle());
    }

    /**
     * Charges {@code bytes} of the body. Completes when the rest may be read: at once, or when the debt is paid off.
     *
     * @param onDelay called before a delay
     */
    public Uni<Void> charge(int bytes, Runnable onDelay) {
        Duration wait = charged(bytes);
        if (wait.isZero()) {
            return Uni.createFrom().voidItem();
        }
        onDelay.run();
        return Uni.createFrom()
                .emitter(emitter -> request.vertx().setTimer(wait.toMillis() + 1, over -> emitter.complete(null)));
    }

    private Duration charged(int bytes) {
        charged += bytes;
        Duration everybody = instance.bytes().spend(bytes);
        if (quota == null) {
            return everybody;
        }
        Duration own = quota.bytes().spend(bytes);
        return own.compareTo(everybody) > 0 ? own : everybody;
    }

    /**
     * Counts this request against {@code limit}, its caller's share of something that all callers share, until the request
     * has ended.
     *
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, with the name of the limit
     */
    public void begin(AccessLimit limit) {
        if (quota != null) {
            CallerQuota own = quota;
            own.begin(limit);
            whenTaken(complete -> own.end(limit));
        }
    }

    /**
     * Counts the filters of a tail until this request has ended.
     *
     * @param view what is filtered; tails with an equal view are counted once
     * @param count the number of filters; 0 counts nothing
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, with the name of the limit
     */
    public void beginFilters(Object view, int count) {
        if (count == 0) {
            return;
        }
        CallerQuota own = quota;
        if (own != null) {
            own.beginFilters(view, count);
            whenTaken(complete -> own.endFilters(view, count));
        }
        instance.beginFilters(view, count);
        whenTaken(complete -> instance.endFilters(view, count));
    }

    /**
     * Ends the response with {@code last}. Vert.x regards the exchange as ended at once; the request stays open until the
     * client has taken the response or has left, because it holds memory until then.
     */
    public Future<Void> end(Buffer last) {
        return end(response -> response.end(last));
    }

    /** As {@link #end(Buffer)}, for a response whose parts are written. */
    public Future<Void> end() {
        return end(HttpServerResponse::end);
    }

    private Future<Void> end(Function<HttpServerResponse, Future<Void>> ending) {
        Promise<Void> sent = Promise.promise();
        taken = sent.future();
        ending.apply(request.response()).onComplete(sent);
        return taken;
    }

    /**
     * Runs {@code action} once: when the client has taken the response or has left.
     *
     * @param action receives whether the client has taken the whole response, which must end by {@link #end}
     */
    public void whenTaken(Consumer<Boolean> action) {
        ResponseEnd.whenEnded(
                request, complete -> taken.onComplete(sent -> action.accept(complete && sent.succeeded())));
    }

    private void settle() {
        long received = request.request().bytesRead() - charged;
        instance.bytes().settle(received);
        if (quota != null) {
            quota.bytes().settle(received);
            quota.end();
        }
    }
}
