package dev.sluice.events;

import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** A response whose socket takes, or breaks on, what was written when a test says so. */
final class ScriptedResponse {
    private final List<String> written = new ArrayList<>();
    private final List<Promise<Void>> untaken = new ArrayList<>();
    private Handler<Void> closeHandler;
    private boolean closed;
    private boolean reset;

    HttpServerResponse response() {
        return (HttpServerResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServerResponse.class}, this::call);
    }

    /** What was written since this was asked last. */
    List<String> written() {
        List<String> all = List.copyOf(written);
        written.clear();
        return all;
    }

    /** The socket takes all that waits. */
    void take() {
        List<Promise<Void>> all = List.copyOf(untaken);
        untaken.clear();
        all.forEach(Promise::complete);
    }

    /** What waits is not written any more; nobody is told of the end itself. */
    void failWrites() {
        List<Promise<Void>> all = List.copyOf(untaken);
        untaken.clear();
        all.forEach(write -> write.fail("on purpose"));
    }

    /** The client leaves. */
    void leave() {
        closed = true;
        if (closeHandler != null) {
            closeHandler.handle(null);
        }
    }

    boolean wasReset() {
        return reset;
    }

    @SuppressWarnings("unchecked")
    private Object call(Object self, Method method, Object[] arguments) {
        switch (method.getName()) {
            case "write", "end" -> {
                if (arguments != null) {
                    written.add(((Buffer) arguments[0]).toString());
                }
                Promise<Void> taken = Promise.promise();
                untaken.add(taken);
                return taken.future();
            }
            case "closeHandler" -> closeHandler = (Handler<Void>) arguments[0];
            case "exceptionHandler" -> {}
            case "closed" -> {
                return closed;
            }
            case "reset" -> {
                reset = true;
                return true;
            }
            default -> throw new UnsupportedOperationException(method.toString());
        }
        return self;
    }
}
