package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderTest {

    @Test
    void readsWhatItWrites() {
        Order order = new Order("A-17", 4999, Optional.of("P.1"));

        assertThat(OrderJson.decode(OrderJson.encode(order))).isEqualTo(order);
    }

    @Test
    void ignoresUnknownFields() {
        assertThat(decode("{\"order_id\":\"A-17\",\"amount\":1,\"note\":{\"to\":[1]}}"))
                .isEqualTo(new Order("A-17", 1, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "not json",
                "{\"order_id\":\"A\",\"amount\":1}{}",
                "{\"amount\":1}",
                "{\"order_id\":7,\"amount\":1}",
                "{\"order_id\":\"\",\"amount\":1}",
                "{\"order_id\":\"a.b\",\"amount\":1}",
                "{\"order_id\":\"A\"}",
                "{\"order_id\":\"A\",\"amount\":0}",
                "{\"order_id\":\"A\",\"amount\":-5}",
                "{\"order_id\":\"A\",\"amount\":1.0}",
                "{\"order_id\":\"A\",\"amount\":\"1\"}",
                "{\"order_id\":\"A\",\"amount\":9007199254740992}",
                "{\"order_id\":\"A\",\"amount\":99999999999999999999}",
                "{\"order_id\":\"A\",\"amount\":1,\"amount\":2}",
                "{\"order_id\":\"A\",\"amount\":1,\"product_id\":\"a b\"}"
            })
    void rejectsAnInvalidOrder(String json) {
        assertThatThrownBy(() -> decode(json)).isInstanceOf(SluiceException.class);
    }

    private static Order decode(String json) {
        return OrderJson.decode(json.getBytes(StandardCharsets.UTF_8));
    }
}
