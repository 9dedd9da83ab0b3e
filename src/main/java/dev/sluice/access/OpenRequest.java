package dev.sluice.access;

import dev.sluice.flow.ResponseEnd;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request while it is open, and what it takes: of its caller's allowance, and of the instance's limits. A body without
 * an end is charged as it comes, every other when the request has ended. On the request's event loop.
 */
public final class OpenRequest {
    private static final String KEY = OpenRequest.class.getName();

    private final RoutingContext request;
    private final RequestLimiter instance;
    private final @Nullable CallerQuota quota;
    private long charged;

    private OpenRequest(RoutingContext request, RequestLimiter instance, @Nullable CallerQuota quota) {
        this.request = request;
        this.instance = instance;
        this.quota = quota;
    }

    /** That of {@code request}, which came through the door. */
    public static OpenRequest of(RoutingContext request) {
        return Objects.requireNonNull(request.get(KEY), "only what came through the door is open");
    }

    /** @param quota none where everybody is one caller */
    static void begin(RoutingContext request, RequestLimiter instance, @Nullable CallerQuota quota) {
        if (quota != null) {
            quota.begin();
        }
        OpenRequest open = new OpenRequest(request, instance, quota);
        request.put(KEY, open);
        ResponseEnd.whenEnded(request, complete -> open.end());
    }

    /** Charges {@code bytes} of the body; how long to leave the rest of it unread, until that is made up for. */
    public Duration charge(int bytes) {
        charged += bytes;
        Duration everybody = instance.bytes().spend(bytes);
        if (quota == null) {
            return everybody;
        }
        Duration own = quota.bytes().spend(bytes);
        return own.compareTo(everybody) > 0 ? own : everybody;
    }

    /**
     * Counts this request among its caller's fetches until it has ended.
     *
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, naming the limit
     */
    public void beginFetch() {
        if (quota != null) {
            CallerQuota own = quota;
            own.beginFetch();
            ResponseEnd.whenEnded(request, complete -> own.endFetch());
        }
    }

    /**
     * Counts the filters of an event stream until this request has ended.
     *
     * @param view what the stream asks for: streams with equal ones are counted once
     * @param count how many filters it has; 0 counts nothing
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, naming the limit
     */
    public void beginFilters(Object view, int count) {
        if (count == 0) {
            return;
        }
        CallerQuota own = quota;
        if (own != null) {
            own.beginFilters(view, count);
            ResponseEnd.whenEnded(request, complete -> own.endFilters(view, count));
        }
        instance.beginFilters(view, count);
        ResponseEnd.whenEnded(request, complete -> instance.endFilters(view, count));
    }

    private void end() {
        long received = request.request().bytesRead() - charged;
        instance.bytes().settle(received);
        if (quota != null) {
            quota.bytes().settle(received);
            quota.end();
        }
    }
}
