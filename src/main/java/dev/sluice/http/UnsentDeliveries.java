package dev.sluice.http;

import dev.sluice.flow.ResponseEnd;
import dev.sluice.stream.pull.Delivery;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * The deliveries that are being written to a client. Until they have left they can be given back, which is better than to
 * have them wait for an ack that cannot come. Stays on the request's event loop.
 */
final class UnsentDeliveries {
    private List<Delivery> deliveries = List.of();
    private boolean broken;

    /** Gives back what is in hand when {@code request} breaks before its answer is complete. */
    UnsentDeliveries(RoutingContext request) {
        ResponseEnd.whenEnded(request, complete -> {
            if (!complete) {
                giveBack();
            }
        });
    }

    /** What was in hand before has left. */
    void take(List<Delivery> next) {
        deliveries = next;
        if (broken) {
            giveBack();
        }
    }

    void giveBack() {
        broken = true;
        deliveries.stream().filter(Delivery::expectsAck).forEach(Delivery::nak);
    }
}
