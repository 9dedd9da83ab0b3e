package dev.sluice.nats;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Who is told about one link, on its event thread alone; one that throws is logged and told on. */
final class LinkListeners {
    private static final Logger LOG = Logger.getLogger(LinkListeners.class);

    private final List<LinkListener> listeners = new ArrayList<>();

    /** Adds {@code listener} and tells it {@code first}. */
    void add(LinkListener listener, Consumer<LinkListener> first) {
        listeners.add(listener);
        tell(listener, first);
    }

    void remove(LinkListener listener) {
        listeners.remove(listener);
    }

    void tell(Consumer<LinkListener> event) {
        List.copyOf(listeners).forEach(listener -> tell(listener, event));
    }

    private static void tell(LinkListener listener, Consumer<LinkListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            LOG.error("A listener of the NATS link failed", e);
        }
    }
}
