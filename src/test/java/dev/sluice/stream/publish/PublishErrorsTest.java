package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.stream.publish.PublishErrors.Meaning;
import dev.sluice.stream.publish.PublishErrors.Repeat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishErrorsTest {

    @ParameterizedTest(name = "{1}: {2}, repeat {3}")
    @CsvSource({
        "400, 10060, WRONG_SEQUENCE, NEVER",
        "400, 10070, WRONG_SEQUENCE, NEVER",
        "400, 10071, WRONG_SEQUENCE, NEVER",
        "400, 10164, WRONG_SEQUENCE, NEVER",
        "400, 10054, TOO_LARGE, NEVER",
        "400, 10097, TOO_LARGE, NEVER",
        "503, 10077, STREAM_FULL, TWICE",
        "400, 10002, STREAM_FULL, NEVER",
        "500, 10028, STREAM_FULL, NEVER",
        "500, 10047, STREAM_FULL, NEVER",
        "400, 10109, NOT_SUPPORTED, NEVER",
        "400, 10166, NOT_SUPPORTED, NEVER",
        "400, 10174, NOT_SUPPORTED, NEVER",
        "400, 10188, NOT_SUPPORTED, NEVER",
        "400, 10205, NOT_SUPPORTED, NEVER",
        "400, 10165, INVALID, NEVER",
        "429, 10167, OVERLOADED, UNTIL_DEADLINE",
        "429, 10210, OVERLOADED, UNTIL_DEADLINE",
        "503, 10008, UNAVAILABLE, UNTIL_DEADLINE",
        "500, 10009, UNAVAILABLE, UNTIL_DEADLINE",
        "503, 10023, UNAVAILABLE, UNTIL_DEADLINE",
        "409, 10158, IN_PROCESS, UNTIL_DEADLINE",
        "503, 10163, UNAVAILABLE, UNTIL_DEADLINE",
        "503, 10039, NOT_SUPPORTED, NEVER",
        "503, 10076, NOT_SUPPORTED, NEVER"
    })
    void mapsErrorCodesToFailures(int code, int errorCode, Failure failure, Repeat repeat) {
        assertThat(meaning(code, errorCode).failure()).isEqualTo(failure);
        assertThat(meaning(code, errorCode).repeat()).isEqualTo(repeat);
    }

    @ParameterizedTest
    @CsvSource({"400, INVALID, NEVER", "429, OVERLOADED, UNTIL_DEADLINE", "503, UNAVAILABLE, UNTIL_DEADLINE"})
    void mapsAnUnknownErrorByItsStatus(int code, Failure failure, Repeat repeat) {
        assertThat(meaning(code, 99_999)).isEqualTo(new Meaning(failure, repeat));
    }

    @ParameterizedTest
    @CsvSource({
        "400, 10002, true",
        "500, 10028, true",
        "500, 10047, true",
        "503, 10077, false",
        "400, 10071, true",
        "400, 10070, false"
    })
    void knowsWhichErrorsIgnoreTheMessageId(int code, int errorCode, boolean before) {
        assertThat(meaning(code, errorCode).beforeDeduplication()).isEqualTo(before);
    }

    @Test
    void doesNotTellTheIdOfAnotherMessage() {
        String description = "wrong last msg ID: patient-4711";

        assertThat(PublishErrors.reason(new PublishReply.Refused(400, 10070, description)))
                .doesNotContain("patient-4711");
    }

    @Test
    void tellsAnyOtherReasonOfTheServer() {
        String description = "wrong last sequence: 1";

        assertThat(PublishErrors.reason(new PublishReply.Refused(400, 10071, description)))
                .isEqualTo(description);
    }

    private static Meaning meaning(int code, int errorCode) {
        return PublishErrors.meaning(new PublishReply.Refused(code, errorCode, ""));
    }
}
