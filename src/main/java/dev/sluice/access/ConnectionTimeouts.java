package dev.sluice.access;

import dev.sluice.flow.ArrivalListener;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Notifies the timeouts of a connection that a request has arrived: {@link IdleTimeout}, {@link RequestHeaderTimeout}. */
@Singleton
final class ConnectionTimeouts implements ArrivalListener {
    private final Duration idle;

    @Inject
    ConnectionTimeouts(@ConfigProperty(name = "quarkus.http.idle-timeout") Duration idle) {
        this.idle = idle;
    }

    void register(@Observes ManagementInterface management) {
        management.router().route().order(Integer.MIN_VALUE).handler(request -> {
            RequestHeaderTimeout.arrived(request);
            request.next();
        });
    }

    @Override
    public void arrived(RoutingContext request) {
        IdleTimeout.begin(request, idle);
        RequestHeaderTimeout.arrived(request);
    }
}
