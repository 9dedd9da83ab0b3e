package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AckSubjectTest {
    @Test
    void readsTheLayoutOfNineTokens() {
        AckSubject subject = parse("$JS.ACK.ORDERS.order-processor.3.1042.77.1790000000123456789.5");

        assertThat(subject.stream()).isEqualTo("ORDERS");
        assertThat(subject.consumer()).isEqualTo("order-processor");
        assertThat(figures(subject)).containsExactly(3L, 1042L, 77L, 1790000000123456789L, 5L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$JS.ACK._.hashhash.ORDERS.worker.1.2.3.4.0",
                "$JS.ACK.hub.hashhash.ORDERS.worker.1.2.3.4.0.token",
                "$JS.ACK.hub.hashhash.ORDERS.worker.1.2.3.4.0.token.more.to.come"
            })
    void readsTheLayoutWithADomain(String text) {
        AckSubject subject = parse(text);

        assertThat(subject.stream()).isEqualTo("ORDERS");
        assertThat(subject.consumer()).isEqualTo("worker");
        assertThat(figures(subject)).containsExactly(1L, 2L, 3L, 4L, 0L);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "$JS.ACK.",
                "$JS.FC.S.C.1.2.3.4.5",
                "_INBOX.abc.1",
                "$JS.ACK.S.C.1.2.3.4",
                "$JS.ACK.S.C.1.2.3.4.5.6",
                "$JS.ACK..C.1.2.3.4.5",
                "$JS.ACK.S..1.2.3.4.5",
                "$JS.ACK.S.C.0.2.3.4.5",
                "$JS.ACK.S.C.1.0.3.4.5",
                "$JS.ACK.S.C.1.2.0.4.5",
                "$JS.ACK.S.C.-1.2.3.4.5",
                "$JS.ACK.S.C.+1.2.3.4.5",
                "$JS.ACK.S.C.1..3.4.5",
                "$JS.ACK.S.C.1.2.3.4.",
                "$JS.ACK.S.C.1.2x.3.4.5",
                "$JS.ACK.S.C.1.2.3.99999999999999999999.5",
                "$JS.ACK.S.C.1.9223372036854775808.3.4.5",
                "$JS.ACK.S.C.1.\u0662.3.4.5"
            })
    void anythingElseIsNoAckSubject(String text) {
        assertThat(AckSubject.parse(text)).isNull();
    }

    @Test
    void readsTheLargestFigure() {
        assertThat(parse("$JS.ACK.S.C.1.9223372036854775807.3.4.5").streamSequence())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Property
    void neverThrows(@ForAll @StringLength(max = 80) String tail) {
        AckSubject subject = AckSubject.parse(AckSubject.PREFIX + tail);

        assertThat(subject == null || subject.delivered() > 0).isTrue();
    }

    private static AckSubject parse(String text) {
        AckSubject subject = AckSubject.parse(text);
        assertThat(subject).isNotNull();
        return subject;
    }

    private static long[] figures(AckSubject subject) {
        return new long[] {
            subject.delivered(),
            subject.streamSequence(),
            subject.consumerSequence(),
            subject.timestampNanos(),
            subject.pending()
        };
    }
}
