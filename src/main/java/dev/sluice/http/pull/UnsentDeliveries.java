package dev.sluice.http.pull;

import dev.sluice.access.OpenRequest;
import dev.sluice.stream.pull.Delivery;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * The deliveries that are being written to a client. If the client leaves before it has taken them they are returned to
 * the consumer, because it cannot ack them. Confined to the request's event loop.
 */
final class UnsentDeliveries {
    private List<Delivery> deliveries = List.of();
    private boolean broken;

    /** Creates an instance that returns its deliveries if the client does not take the whole response. */
    UnsentDeliveries(RoutingContext request) {
        OpenRequest.of(request).whenTaken(complete -> {
            if (!complete) {
                giveBack();
            }
        });
    }

    /** Replaces the deliveries. The previous ones have been sent. */
    void take(List<Delivery> next) {
        deliveries = next;
        if (broken) {
            giveBack();
        }
    }

    void giveBack() {
        broken = true;
        deliveries.forEach(Delivery::giveBack);
    }
}
