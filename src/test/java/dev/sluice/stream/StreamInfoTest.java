package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import org.junit.jupiter.api.Test;

class StreamInfoTest {
    @Test
    void readsAStreamWhoseSubjectsSluiceDoesNotAccept() {
        StreamInfo stream = info("\"subjects\":[\"$KV.b.>\",\"a b\",\"ok.>\"]");

        assertThatCode(() -> stream.requireStored("ok.x")).doesNotThrowAnyException();
        assertThatThrownBy(() -> stream.requireStored("other.x")).matches(Failure.INVALID::matches);
    }

    @Test
    void isTransformedOnlyWithATransform() {
        assertThat(info("\"subjects\":[\"a\"]").transformed()).isFalse();
        assertThat(info("\"subject_transform\":{\"src\":\"a\",\"dest\":\"b\"}").transformed())
                .isTrue();
    }

    @Test
    void hasSchedulesOnlyIfTheyAreAllowed() {
        assertThat(info("\"subjects\":[\"a\"]").schedules()).isFalse();
        assertThat(info("\"allow_msg_schedules\":true").schedules()).isTrue();
    }

    @Test
    void isReservedByItsNameItsOriginsAndItsSubjects() {
        assertThat(info("\"name\":\"KV_b\"").reserved()).isTrue();
        assertThat(info("\"name\":\"s\",\"mirror\":{\"name\":\"KV_b\"}").reserved())
                .isTrue();
        assertThat(info("\"name\":\"s\",\"subjects\":[\"$JS.EVENT.>\"]").reserved())
                .isTrue();
        assertThat(info("\"name\":\"s\",\"subjects\":[\"a\"]").reserved()).isFalse();
    }

    @Test
    void isUnavailableWithoutAState() {
        assertThatThrownBy(() -> StreamInfo.of(JetStreamJson.parse("{\"config\":{}}")))
                .matches(Failure.UNAVAILABLE::matches);
    }

    private static StreamInfo info(String config) {
        return StreamInfo.of(JetStreamJson.parse("{\"config\":{" + config + "},\"state\":{}}"));
    }
}
