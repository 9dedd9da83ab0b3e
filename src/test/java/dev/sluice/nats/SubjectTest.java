package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subjects that may be published to, and the rule that each invalid subject breaks. */
class SubjectTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "orders.created",
                "orders.created.eu-1_x",
                "a.b.c.d.e.f.g.h",
                "größe.naïve.日本語.🚀",
                "a/b.c:d.e@f",
                "a.$JS",
                "INBOX.x",
                "_INBOXES.x",
                "a%b"
            })
    void acceptsValidSubjects(String subject) {
        assertThat(new Subject(subject)).hasToString(subject);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "..."})
    void hasNoEmptyToken(String subject) {
        assertThat(refusal(subject)).isEqualTo(Failure.BAD_SUBJECT);
        assertThat(detail(subject)).contains("empty token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a.*", "a.>", "a.b*", "a.x>y", "*.a"})
    void hasNoWildcard(String subject) {
        assertThat(refusal(subject)).isEqualTo(Failure.BAD_SUBJECT);
        assertThat(detail(subject)).contains("wildcard");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                " a",
                "a ",
                "a\tb",
                "a\rb",
                "a\nb",
                "a\r\nPUB x 0\r\n",
                "a\0b",
                "a\u007Fb",
                "a\u0085b",
                "a\u00A0b",
                "a\u2028b",
                "a\u3000b",
                "a\u200Bb",
                "a\u202Eb",
                "\uFEFFa"
            })
    void hasPrintableCharactersOnly(String subject) {
        assertThat(refusal(subject)).isEqualTo(Failure.BAD_SUBJECT);
        assertThat(detail(subject)).contains("printable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uFFFDb", "a\uD800b", "a\uDC00", "\uD83Da"})
    void isValidUtf8(String subject) {
        assertThat(refusal(subject)).isEqualTo(Failure.BAD_SUBJECT);
    }

    @Test
    void hasAtMost1024Bytes() {
        assertThat(new Subject("a".repeat(1024)).value()).hasSize(1024);
        assertThat(refusal("a".repeat(1025))).isEqualTo(Failure.BAD_SUBJECT);
        assertThat(detail("a".repeat(1025))).contains("1024 bytes");
    }

    @Test
    void countsBytesAndNotCharacters() {
        assertThat(new Subject("é".repeat(512)).value()).hasSize(512);
        assertThat(refusal("é".repeat(513))).isEqualTo(Failure.BAD_SUBJECT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$JS.API.INFO", "$SYS.REQ", "$KV.bucket.key", "$", "$x", "_INBOX.abc", "_INBOX"})
    void isReservedByNats(String subject) {
        assertThat(refusal(subject)).isEqualTo(Failure.RESERVED_SUBJECT);
    }

    @Test
    void isFlatWithOneToken() {
        assertThat(new Subject("orders").flat()).isTrue();
        assertThat(new Subject("orders.created").flat()).isFalse();
    }

    private static Failure refusal(String subject) {
        return refused(subject).failure();
    }

    private static String detail(String subject) {
        return refused(subject).getMessage();
    }

    private static SluiceException refused(String subject) {
        SluiceException refused = catchThrowableOfType(SluiceException.class, () -> new Subject(subject));
        assertThat(refused).as("refusal of '%s'", subject).isNotNull();
        return refused;
    }
}
