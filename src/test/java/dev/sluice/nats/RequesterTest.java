package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Settings;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequesterTest {
    private final List<String> calls = new ArrayList<>();
    private final PendingRequest request = (PendingRequest) Proxy.newProxyInstance(
            PendingRequest.class.getClassLoader(), new Class<?>[] {PendingRequest.class}, (proxy, call, arguments) -> {
                calls.add(call.getName());
                return call.getReturnType() == boolean.class ? Boolean.FALSE : null;
            });

    static Stream<Method> calls() {
        return Stream.of(PendingRequest.class.getMethods());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void aCountedRequestPassesEachCallOn(Method call) throws Exception {
        Requester requester = new Requester((NatsLink) null, Settings.of(RequestConfig.class, Map.of()));

        call.invoke(requester.new Counted(request), new Object[call.getParameterCount()]);

        assertThat(calls).containsExactly(call.getName());
    }
}
