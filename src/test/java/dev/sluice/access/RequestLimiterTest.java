package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestLimiterTest {
    private final TestTime time = new TestTime();
    private final RejectionCounters rejections = new RejectionCounters();
    private final RequestLimiter limiter = new RequestLimiter(new Few(), rejections, time);

    @Test
    void limitsTheRequestRateOfACaller() {
        CallerQuota quota = limiter.quota(caller("a"));
        ask(quota, 3);

        rejects("requests-per-second", quota::begin);
        time.forward(Duration.ofSeconds(1));

        assertThatCode(quota::begin).doesNotThrowAnyException();
    }

    @Test
    void limitsEachCallerSeparately() {
        ask(limiter.quota(caller("a")), 3);

        assertThatCode(limiter.quota(caller("b"))::begin).doesNotThrowAnyException();
    }

    @Test
    void rejectsACallerUntilItsByteDebtIsPaidOff() {
        CallerQuota quota = limiter.quota(caller("a"));
        quota.begin();
        end(quota, 3_000);

        time.forward(Duration.ofSeconds(1));
        rejects("bytes-per-second", quota::begin);
        time.forward(Duration.ofSeconds(2));

        assertThatCode(quota::begin).doesNotThrowAnyException();
    }

    @Test
    void returnsTheTimeUntilTheByteDebtIsPaidOff() {
        CallerQuota quota = limiter.quota(caller("a"));

        assertThat(quota.bytes().spend(1_000)).isZero();
        assertThat(quota.bytes().spend(2_000)).isEqualTo(Duration.ofSeconds(2));
        time.forward(Duration.ofSeconds(2));

        assertThat(quota.bytes().spend(500)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void doesNotDelayAfterAnEmptyFrame() {
        CallerQuota quota = limiter.quota(caller("a"));
        quota.bytes().spend(2_000);

        assertThat(quota.bytes().spend(0)).isZero();
    }

    @Test
    void limitsTheByteDebtOfACaller() {
        CallerQuota quota = limiter.quota(caller("a"));
        quota.begin();
        end(quota, 1L << 40);

        time.forward(Duration.ofSeconds(11));

        assertThatCode(quota::begin).doesNotThrowAnyException();
    }

    @Test
    void limitsTheOpenRequestsOfACaller() {
        CallerQuota quota = limiter.quota(caller("a"));
        quota.begin();
        quota.begin();
        time.forward(Duration.ofSeconds(1));

        rejects("open-requests", quota::begin);
        quota.end();
        time.forward(Duration.ofSeconds(1));

        assertThatCode(quota::begin).doesNotThrowAnyException();
    }

    @Test
    void limitsTheRequestRateOfTheInstance() {
        for (int i = 0; i < 5; i++) {
            limiter.admit();
        }

        rejects("instance-requests-per-second", limiter::admit);
        time.forward(Duration.ofSeconds(1));

        assertThatCode(limiter::admit).doesNotThrowAnyException();
    }

    @Test
    void limitsTheByteRateOfTheInstance() {
        limiter.bytes().settle(9_000);

        time.forward(Duration.ofSeconds(1));
        rejects("instance-bytes-per-second", limiter::admit);
        time.forward(Duration.ofSeconds(1));

        assertThatCode(limiter::admit).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN_FETCHES, 1, open fetches",
        "OPEN_BULK_PUBLISHES, 2, open bulk publishes",
        "OPEN_READS, 3, open reads",
        "OPEN_LISTINGS, 4, open listings",
        "OPEN_UPLOADS, 5, open uploads",
        "OPEN_DOWNLOADS, 6, open downloads"
    })
    void limitsTheShareOfACaller(AccessLimit limit, int most, String what) {
        CallerQuota quota = limiter.quota(caller("a"));
        for (int i = 0; i < most; i++) {
            quota.begin(limit);
        }

        rejects("at most " + most + " " + what + " (" + limit.key() + ")", () -> quota.begin(limit));
        quota.end(limit);

        assertThatCode(() -> quota.begin(limit)).doesNotThrowAnyException();
        assertThat(rejections.count(limit)).isEqualTo(1);
    }

    @Test
    void limitsTheDistinctFiltersOfACaller() {
        CallerQuota quota = limiter.quota(caller("a"));
        quota.beginFilters("logs", 3);
        quota.beginFilters("logs", 3);

        rejects("sluice.access.limits.open-filters", () -> quota.beginFilters("orders", 2));
        quota.endFilters("logs", 3);
        rejects("sluice.access.limits.open-filters", () -> quota.beginFilters("orders", 2));
        quota.endFilters("logs", 3);

        assertThatCode(() -> quota.beginFilters("orders", 2)).doesNotThrowAnyException();
        assertThat(rejections.count(AccessLimit.OPEN_FILTERS)).isEqualTo(2);
    }

    @Test
    void limitsTheDistinctFiltersOfTheInstance() {
        limiter.beginFilters("logs", 4);

        rejects("sluice.access.limits.instance-open-filters", () -> limiter.beginFilters("orders", 3));
        limiter.endFilters("logs", 4);

        assertThatCode(() -> limiter.beginFilters("orders", 3)).doesNotThrowAnyException();
        assertThat(rejections.count(AccessLimit.INSTANCE_OPEN_FILTERS)).isEqualTo(1);
    }

    @Test
    void countsRejectionsByLimit() {
        limiter.bytes().settle(9_000);

        rejects("instance-bytes-per-second", limiter::admit);

        assertThat(rejections.count(AccessLimit.INSTANCE_BYTES_PER_SECOND)).isEqualTo(1);
        assertThat(rejections.count(AccessLimit.BYTES_PER_SECOND)).isZero();
    }

    @Test
    void limitsTheNumberOfCallersInMemory() {
        for (int i = 0; i < 1_000; i++) {
            limiter.quota(caller("caller " + i));
        }

        assertThat(limiter.remembered()).isLessThanOrEqualTo(new Few().callers());
    }

    private static void ask(CallerQuota quota, int times) {
        for (int i = 0; i < times; i++) {
            quota.begin();
            quota.end();
        }
    }

    private static void end(CallerQuota quota, long received) {
        quota.bytes().settle(received);
        quota.end();
    }

    private static void rejects(String key, Runnable request) {
        assertThatThrownBy(request::run).isInstanceOf(SluiceException.class).hasMessageContaining(key);
    }

    private static Caller caller(String account) {
        return new Caller(new Identity(account, "somebody", Set.of(), "", 0, null), Permissions.EVERYTHING);
    }

    private record Few() implements LimitsConfig {
        @Override
        public long requestsPerSecond() {
            return 3;
        }

        @Override
        public MemorySize bytesPerSecond() {
            return new MemorySize(BigInteger.valueOf(1_000));
        }

        @Override
        public int openRequests() {
            return 2;
        }

        @Override
        public int openFetches() {
            return 1;
        }

        @Override
        public int openBulkPublishes() {
            return 2;
        }

        @Override
        public int openReads() {
            return 3;
        }

        @Override
        public int openListings() {
            return 4;
        }

        @Override
        public int openUploads() {
            return 5;
        }

        @Override
        public int openDownloads() {
            return 6;
        }

        @Override
        public int openFilters() {
            return 4;
        }

        @Override
        public int instanceOpenFilters() {
            return 6;
        }

        @Override
        public long instanceRequestsPerSecond() {
            return 5;
        }

        @Override
        public MemorySize instanceBytesPerSecond() {
            return new MemorySize(BigInteger.valueOf(4_000));
        }

        @Override
        public long introspectionsPerSecond() {
            return 7;
        }

        @Override
        public long callers() {
            return 10;
        }
    }
}
