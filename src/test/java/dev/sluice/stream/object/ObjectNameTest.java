package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The subjects under which clients store an object: each encodes its name in its own way. */
class ObjectNameTest {

    @Test
    void aPlainNameHasOneEncoding() {
        assertThat(new ObjectName("tea.txt").encodings()).containsExactly("dGVhLnR4dA==");
    }

    @Test
    void theJavaScriptClientEncodesLatin1() {
        assertThat(new ObjectName("gr\u00fcn.txt").encodings()).containsExactly("Z3LDvG4udHh0", "Z3L8bi50eHQ=");
    }

    @Test
    void otherCharactersAreNotLatin1() {
        assertThat(new ObjectName("\u8336\u00fc").encodings()).hasSize(1);
    }
}
