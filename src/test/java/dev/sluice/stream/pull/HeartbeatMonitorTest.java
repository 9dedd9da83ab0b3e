package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeartbeatMonitorTest {
    private final HeartbeatMonitor heartbeatMonitor = new HeartbeatMonitor();

    @Test
    void firesOnce() {
        heartbeatMonitor.watch(2);

        assertThat(heartbeatMonitor.tick()).isFalse();
        assertThat(heartbeatMonitor.tick()).isTrue();
        assertThat(heartbeatMonitor.tick()).isFalse();
    }

    @Test
    void activityRestartsIt() {
        heartbeatMonitor.watch(2);
        heartbeatMonitor.tick();
        heartbeatMonitor.signOfLife();

        assertThat(heartbeatMonitor.tick()).isFalse();
        assertThat(heartbeatMonitor.tick()).isFalse();
        assertThat(heartbeatMonitor.tick()).isTrue();
    }

    @Test
    void activityDoesNotDelayARest() {
        heartbeatMonitor.after(2);
        heartbeatMonitor.tick();
        heartbeatMonitor.signOfLife();

        assertThat(heartbeatMonitor.tick()).isTrue();
    }

    @Test
    void hasFiredUntilItIsSetAgain() {
        heartbeatMonitor.watch(1);
        heartbeatMonitor.tick();
        assertThat(heartbeatMonitor.fired()).isTrue();

        heartbeatMonitor.watch(1);

        assertThat(heartbeatMonitor.fired()).isFalse();
    }

    @Test
    void hasNotFiredWhenOff() {
        heartbeatMonitor.watch(1);
        heartbeatMonitor.tick();
        heartbeatMonitor.off();

        assertThat(heartbeatMonitor.fired()).isFalse();
    }

    @Test
    void isSilentWhenOff() {
        heartbeatMonitor.watch(1);
        heartbeatMonitor.off();

        assertThat(heartbeatMonitor.isSet()).isFalse();
        assertThat(heartbeatMonitor.tick()).isFalse();
    }
}
