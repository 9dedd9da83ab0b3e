package dev.sluice.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.HttpConfig;
import dev.sluice.support.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

public class BodyBytesTest {
    private static final int SMALL = 16 << 10;

    private final BodyBytes bytes = of("40000");

    public static BodyBytes of(String limit) {
        return new BodyBytes(Settings.of(HttpConfig.class, Map.of("sluice.http.body-bytes", limit)));
    }

    @Test
    void countsNoSmallBody() {
        bytes.share().extend(SMALL);

        assertThat(bytes.held()).isZero();
    }

    @Test
    void countsAllOfALargerBody() {
        BodyBytes.Share share = bytes.share();
        share.extend(SMALL + 1);
        share.extend(20_000);

        assertThat(bytes.held()).isEqualTo(20_000);
    }

    @Test
    void rejectsAndCountsABodyBeyondTheLimit() {
        bytes.share().extend(30_000);

        assertThatThrownBy(() -> bytes.share().extend(20_000))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.OVERLOADED));
        assertThat(bytes.refused()).isEqualTo(1);
        assertThat(bytes.held()).isEqualTo(30_000);
    }

    @Test
    void releasesWhatItsLinesKeptOnce() {
        BodyBytes.Share share = bytes.share();
        share.extend(20_000);
        Runnable first = share.keep();
        share.extend(17_000);
        share.keep();
        assertThat(bytes.held()).isEqualTo(37_000);

        first.run();
        assertThat(bytes.held()).isEqualTo(17_000);

        share.close();
        share.close();
        assertThat(bytes.held()).isZero();
    }

    @Test
    void releasesWhatABodyHeldOnce() {
        BodyBytes.Share share = bytes.share();
        share.extend(30_000);

        share.close();
        share.close();
        share.extend(30_000);

        assertThat(bytes.held()).isZero();
    }
}
