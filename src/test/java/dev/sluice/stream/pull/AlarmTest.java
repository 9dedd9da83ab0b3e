package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AlarmTest {
    private final Alarm alarm = new Alarm();

    @Test
    void goesOffOnce() {
        alarm.watch(2);

        assertThat(alarm.tick()).isFalse();
        assertThat(alarm.tick()).isTrue();
        assertThat(alarm.tick()).isFalse();
    }

    @Test
    void aSignOfLifePutsItBack() {
        alarm.watch(2);
        alarm.tick();
        alarm.signOfLife();

        assertThat(alarm.tick()).isFalse();
        assertThat(alarm.tick()).isFalse();
        assertThat(alarm.tick()).isTrue();
    }

    @Test
    void aSignOfLifeDoesNotDelayARest() {
        alarm.after(2);
        alarm.tick();
        alarm.signOfLife();

        assertThat(alarm.tick()).isTrue();
    }

    @Test
    void isSilentWhenOff() {
        alarm.watch(1);
        alarm.off();

        assertThat(alarm.isSet()).isFalse();
        assertThat(alarm.tick()).isFalse();
    }
}
