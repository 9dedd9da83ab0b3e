package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A listener that throws does not affect the others. */
class LinkListenersTest {
    private final LinkListeners listeners = new LinkListeners();
    private final List<String> notified = new ArrayList<>();

    @Test
    void anErrorOfAListenerReachesNoOther() {
        listeners.add(new Listener("failing", new StackOverflowError("made up")), listener -> {});
        listeners.add(new Listener("other", null), listener -> {});

        listeners.tell(LinkListener::down);

        assertThat(notified).containsExactly("failing", "other");
    }

    @Test
    void aListenerThatEndsWithAnErrorStaysRegistered() {
        listeners.add(new Listener("failing", new NoClassDefFoundError("made up")), LinkListener::down);

        listeners.tell(LinkListener::down);

        assertThat(notified).containsExactly("failing", "failing");
    }

    private final class Listener implements LinkListener {
        private final String name;
        private final Error error;

        /** @param error thrown at each notification; null if there is none */
        Listener(String name, Error error) {
            this.name = name;
            this.error = error;
        }

        @Override
        public void up(Connection connection) {}

        @Override
        public void down() {
            notified.add(name);
            if (error != null) {
                throw error;
            }
        }
    }
}
