package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import io.github.bucket4j.TimeMeter;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
    private final TestTime time = new TestTime();
    private final Refusals refusals = new Refusals();
    private final Limits limits = new Limits(new Few(), refusals, time);

    @Test
    void allowsACallerSoManyRequestsASecond() {
        Allowance allowance = limits.allowance(caller("a"));
        ask(allowance, 3);

        refuses("requests-per-second", allowance::begin);
        time.forward(1);

        assertThatCode(allowance::begin).doesNotThrowAnyException();
    }

    @Test
    void leavesEachCallerItsOwn() {
        ask(limits.allowance(caller("a")), 3);

        assertThatCode(limits.allowance(caller("b"))::begin).doesNotThrowAnyException();
    }

    @Test
    void letsWhoSentTooMuchWaitUntilItIsMadeUpFor() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.begin();
        end(allowance, 3_000);

        time.forward(1);
        refuses("bytes-per-second", allowance::begin);
        time.forward(2);

        assertThatCode(allowance::begin).doesNotThrowAnyException();
    }

    @Test
    void saysHowLongItTakesToMakeUpForWhatIsSpent() {
        Allowance allowance = limits.allowance(caller("a"));

        assertThat(allowance.bytes().spend(1_000)).isZero();
        assertThat(allowance.bytes().spend(2_000)).isEqualTo(Duration.ofSeconds(2));
        time.forward(2);

        assertThat(allowance.bytes().spend(500)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void waitsForNothingAfterAnEmptyFrame() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.bytes().spend(2_000);

        assertThat(allowance.bytes().spend(0)).isZero();
    }

    @Test
    void locksNobodyOutForLongHoweverMuchTheySent() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.begin();
        end(allowance, 1L << 40);

        time.forward(11);

        assertThatCode(allowance::begin).doesNotThrowAnyException();
    }

    @Test
    void allowsACallerSoManyOpenRequests() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.begin();
        allowance.begin();
        time.forward(1);

        refuses("open-requests", allowance::begin);
        allowance.end();
        time.forward(1);

        assertThatCode(allowance::begin).doesNotThrowAnyException();
    }

    @Test
    void allowsTheInstanceSoManyRequestsASecond() {
        for (int i = 0; i < 5; i++) {
            limits.admit();
        }

        refuses("instance-requests-per-second", limits::admit);
        time.forward(1);

        assertThatCode(limits::admit).doesNotThrowAnyException();
    }

    @Test
    void allowsTheInstanceSoManyBytesASecond() {
        limits.bytes().settle(9_000);

        time.forward(1);
        refuses("instance-bytes-per-second", limits::admit);
        time.forward(1);

        assertThatCode(limits::admit).doesNotThrowAnyException();
    }

    @Test
    void allowsACallerFewerFetchesThanRequests() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.beginFetch();

        refuses("open-fetches", allowance::beginFetch);
        allowance.endFetch();

        assertThatCode(allowance::beginFetch).doesNotThrowAnyException();
    }

    @Test
    void allowsACallerSoManyDistinctFilters() {
        Allowance allowance = limits.allowance(caller("a"));
        allowance.beginFilters("logs", 3);
        allowance.beginFilters("logs", 3);

        refuses("sluice.access.limits.open-filters", () -> allowance.beginFilters("orders", 2));
        allowance.endFilters("logs", 3);
        refuses("sluice.access.limits.open-filters", () -> allowance.beginFilters("orders", 2));
        allowance.endFilters("logs", 3);

        assertThatCode(() -> allowance.beginFilters("orders", 2)).doesNotThrowAnyException();
        assertThat(refusals.count(Limit.OPEN_FILTERS)).isEqualTo(2);
    }

    @Test
    void allowsTheInstanceSoManyDistinctFilters() {
        limits.beginFilters("logs", 4);

        refuses("sluice.access.limits.instance-open-filters", () -> limits.beginFilters("orders", 3));
        limits.endFilters("logs", 4);

        assertThatCode(() -> limits.beginFilters("orders", 3)).doesNotThrowAnyException();
        assertThat(refusals.count(Limit.INSTANCE_OPEN_FILTERS)).isEqualTo(1);
    }

    @Test
    void countsEachLimitThatWasReached() {
        limits.bytes().settle(9_000);

        refuses("instance-bytes-per-second", limits::admit);

        assertThat(refusals.count(Limit.INSTANCE_BYTES_PER_SECOND)).isEqualTo(1);
        assertThat(refusals.count(Limit.BYTES_PER_SECOND)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1L << 30})
    void saysWhichBytesASecondItCanKeep(long perSecond) {
        MemorySize size = new MemorySize(BigInteger.valueOf(perSecond));

        assertThatThrownBy(() -> new ByteBudget(Limit.BYTES_PER_SECOND, size, time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sluice.access.limits.bytes-per-second is 1 to 1000000000");
    }

    @Test
    void remembersABoundedNumberOfCallers() {
        for (int i = 0; i < 1_000; i++) {
            limits.allowance(caller("caller " + i));
        }

        assertThat(limits.remembered()).isLessThanOrEqualTo(new Few().callers());
    }

    private static void ask(Allowance allowance, int times) {
        for (int i = 0; i < times; i++) {
            allowance.begin();
            allowance.end();
        }
    }

    private static void end(Allowance allowance, long received) {
        allowance.bytes().settle(received);
        allowance.end();
    }

    private static void refuses(String key, Runnable request) {
        assertThatThrownBy(request::run).isInstanceOf(SluiceException.class).hasMessageContaining(key);
    }

    private static Caller caller(String name) {
        return new Caller(new Identity(name, Set.of(), "", 0), Permissions.EVERYTHING);
    }

    private static final class TestTime implements TimeMeter {
        private long nanos;

        void forward(long seconds) {
            nanos += TimeUnit.SECONDS.toNanos(seconds);
        }

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
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
        public long callers() {
            return 10;
        }
    }
}
