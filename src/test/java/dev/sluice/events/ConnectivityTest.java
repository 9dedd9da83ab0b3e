package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.SubscriptionObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectivityTest {
    private final List<String> told = new ArrayList<>();
    private final Connectivity connectivity = new Connectivity(new SubscriptionObserver() {
        @Override
        public void active() {
            told.add("active");
        }

        @Override
        public void interrupted() {
            told.add("interrupted");
        }
    });

    @Test
    void isActiveOnceTheStreamIsRead() {
        connectivity.link().active();
        assertThat(told).isEmpty();

        connectivity.stream().active();
        connectivity.stream().active();

        assertThat(told).containsExactly("active");
    }

    @Test
    void isInterruptedWhileTheStreamIsNotReadAlthoughNatsIsThere() {
        connectivity.link().active();
        connectivity.stream().active();

        connectivity.stream().interrupted();
        connectivity.stream().interrupted();
        connectivity.stream().active();

        assertThat(told).containsExactly("active", "interrupted", "active");
    }

    @Test
    void isInterruptedUntilTheStreamIsReadThroughTheNewConnection() {
        connectivity.link().active();
        connectivity.stream().active();

        connectivity.link().interrupted();
        connectivity.link().active();
        assertThat(told).containsExactly("active", "interrupted");
        connectivity.stream().active();

        assertThat(told).containsExactly("active", "interrupted", "active");
    }

    @Test
    void isInterruptedWhileJetStreamDoesNotSayHowTheStreamIs() {
        connectivity.link().active();
        connectivity.stream().active();

        connectivity.answered(false);
        connectivity.answered(false);
        connectivity.stream().active();
        assertThat(told).containsExactly("active", "interrupted");
        connectivity.answered(true);
        connectivity.answered(true);

        assertThat(told).containsExactly("active", "interrupted", "active");
    }
}
