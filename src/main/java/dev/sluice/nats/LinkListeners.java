package dev.sluice.nats;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The listeners of one link. Confined to the link's event thread. An exception of a listener is logged; the listener
 * stays registered.
 */
final class LinkListeners {
    private static final Logger LOG = Logger.getLogger(LinkListeners.class);

    private final List<LinkListener> listeners = new ArrayList<>();

    /** Adds {@code listener} and notifies it of {@code first}. */
    void add(LinkListener listener, Consumer<LinkListener> first) {
        listeners.add(listener);
        tell(listener, first);
    }

    void remove(LinkListener listener) {
        listeners.remove(listener);
    }

    int count() {
        return listeners.size();
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
