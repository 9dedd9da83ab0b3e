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
        "400, 10149, NO_CONSUMER",
        "404, 10037, NO_MESSAGE",
        "500, 10057, NO_MESSAGE",
        "400, 10043, NO_MESSAGE",
        "404, 10059, NO_STREAM",
        "500, 10012, CONFLICT",
        "400, 10013, CONFLICT",
        "400, 10058, CONFLICT",
        "400, 10099, CONFLICT",
        "400, 10100, CONFLICT",
        "400, 10148, CONFLICT",
        "400, 10055, CONFLICT",
        "400, 10061, CONFLICT",
        "400, 10065, CONFLICT",
        "400, 10098, CONFLICT",
        "400, 10101, CONFLICT",
        "400, 10105, CONFLICT",
        "400, 10124, CONFLICT",
        "400, 10204, CONFLICT",
        "400, 10226, CONFLICT",
        "400, 10060, WRONG_SEQUENCE",
        "400, 10070, WRONG_SEQUENCE",
        "400, 10071, WRONG_SEQUENCE",
        "400, 10164, WRONG_SEQUENCE",
        "412, 10180, WRONG_SEQUENCE",
        "409, 10158, IN_PROCESS",
        "400, 10054, TOO_LARGE",
        "400, 10097, TOO_LARGE",
        "503, 10077, STREAM_FULL",
        "400, 10201, CONFLICT",
        "400, 10002, LIMIT_REACHED",
        "400, 10026, LIMIT_REACHED",
        "400, 10027, LIMIT_REACHED",
        "500, 10028, LIMIT_REACHED",
        "500, 10047, LIMIT_REACHED",
        "400, 10120, LIMIT_REACHED",
        "400, 10122, LIMIT_REACHED",
        "503, 10039, NOT_SUPPORTED",
        "503, 10076, NOT_SUPPORTED",
        "500, 10074, NOT_SUPPORTED",
        "503, 10010, NOT_SUPPORTED",
        "503, 10035, NOT_SUPPORTED",
        "503, 10036, NOT_SUPPORTED",
        "500, 10111, NOT_SUPPORTED",
        "412, 10185, NOT_SUPPORTED",
        "400, 10109, NOT_SUPPORTED",
        "400, 10166, NOT_SUPPORTED",
        "400, 10168, NOT_SUPPORTED",
        "400, 10174, NOT_SUPPORTED",
        "400, 10188, NOT_SUPPORTED",
        "400, 10205, NOT_SUPPORTED",
        "400, 10005, UNAVAILABLE",
        "503, 10008, UNAVAILABLE",
        "500, 10009, UNAVAILABLE",
        "503, 10023, UNAVAILABLE",
        "500, 10119, UNAVAILABLE",
        "503, 10004, UNAVAILABLE",
        "500, 10007, UNAVAILABLE",
        "500, 10118, UNAVAILABLE",
        "503, 10163, UNAVAILABLE",
        "400, 10176, UNAVAILABLE",
        "500, 10194, UNAVAILABLE",
        "500, 10195, UNAVAILABLE",
        "400, 10202, UNAVAILABLE",
        "429, 10167, OVERLOADED",
        "429, 10210, OVERLOADED",
        "429, 10211, OVERLOADED",
        "500, 10052, INVALID",
        "400, 10121, INVALID",
        "400, 10165, INVALID",
        "400, 10193, INVALID",
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
