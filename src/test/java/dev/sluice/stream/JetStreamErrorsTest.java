package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JetStreamErrorsTest {

    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource({
        "404, 10014, NO_CONSUMER",
        "404, 10037, NO_MESSAGE",
        "500, 10057, NO_MESSAGE",
        "404, 10059, NO_STREAM",
        "500, 10012, CONFLICT",
        "400, 10013, CONFLICT",
        "400, 10058, CONFLICT",
        "400, 10099, CONFLICT",
        "400, 10100, CONFLICT",
        "400, 10148, CONFLICT",
        "400, 10201, CONFLICT",
        "400, 10002, LIMIT_REACHED",
        "400, 10026, LIMIT_REACHED",
        "400, 10027, LIMIT_REACHED",
        "500, 10028, LIMIT_REACHED",
        "500, 10047, LIMIT_REACHED",
        "503, 10039, NOT_SUPPORTED",
        "503, 10076, NOT_SUPPORTED",
        "500, 10074, NOT_SUPPORTED",
        "400, 10005, UNAVAILABLE",
        "503, 10008, UNAVAILABLE",
        "500, 10009, UNAVAILABLE",
        "503, 10023, UNAVAILABLE",
        "500, 10119, UNAVAILABLE",
        "429, 10167, OVERLOADED",
        "500, 10052, INVALID",
        "400, 10121, INVALID",
        "400, 0, INVALID",
        "400, 99999, INVALID",
        "429, 99999, OVERLOADED",
        "503, 99999, UNAVAILABLE"
    })
    void mapsErrorCodesToFailures(int code, int errorCode, Failure failure) {
        assertThat(JetStreamErrors.failure(errorCode, code)).isEqualTo(failure);
    }

    @Test
    void recognizesARefusalByItsErrorCode() {
        SluiceException sealed = Failure.NOT_SUPPORTED.because("sealed", JetStreamErrors.STREAM_SEALED);

        assertThat(JetStreamErrors.hasCode(sealed, JetStreamErrors.STREAM_SEALED))
                .isTrue();
        assertThat(JetStreamErrors.hasCode(sealed, JetStreamErrors.STREAM_INVALID_CONFIG))
                .isFalse();
        assertThat(JetStreamErrors.hasCode(new IllegalStateException(), JetStreamErrors.STREAM_SEALED))
                .isFalse();
    }
}
