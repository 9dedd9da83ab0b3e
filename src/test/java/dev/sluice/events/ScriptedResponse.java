package dev.sluice.events;

import dev.sluice.flow.Validity;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A response whose writes complete or fail on request of a test. */
final class ScriptedResponse {
    private final List<String> written = new ArrayList<>();
    private final List<Promise<Void>> untaken = new ArrayList<>();
    private Handler<Void> closeHandler;
    private boolean closed;
    private boolean reset;
    private boolean broken;
    private boolean taking;
    private boolean failing;

    /** Returns the admitted client of this response. */
    Admission client(ScriptedLoop loop, Validity validity) {
        return new Admission(response(), validity, loop.loop(), Runnable::run, () -> {});
    }

    private HttpServerResponse response() {
        return (HttpServerResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServerResponse.class}, this::call);
    }

    /** Returns what was written since the last call. */
    List<String> written() {
        List<String> all = List.copyOf(written);
        written.clear();
        return all;
    }

    /**
     * Returns the events that were written since the last call, each as a short text: its data, after its name if it has
     * one. An id without data is its sequence after an {@code @}.
     */
    List<String> received() {
        return Arrays.stream(String.join("", written()).split("\n\n"))
                .filter(frame -> !frame.isEmpty())
                .map(ScriptedResponse::shortened)
                .toList();
    }

    private static String shortened(String frame) {
        return frame.contains("data: ")
                ? frame.replaceAll("(?m)^id: .*\n", "")
                        .replace("event: ", "")
                        .replace("\ndata: ", " ")
                        .replace("data: ", "")
                : "@" + frame.substring(frame.lastIndexOf('-') + 1);
    }

    /** Completes all pending writes. */
    void take() {
        List<Promise<Void>> all = List.copyOf(untaken);
        untaken.clear();
        all.forEach(Promise::complete);
    }

    /** Fails all pending writes and does not call the close handler. */
    void failWrites() {
        List<Promise<Void>> all = List.copyOf(untaken);
        untaken.clear();
        all.forEach(write -> write.fail("on purpose"));
    }

    /** Completes all further writes at once, before the writer knows of them. */
    void takeAtOnce() {
        taking = true;
        take();
    }

    /** Keeps all further writes pending, as a client does that does not read. */
    void stall() {
        taking = false;
    }

    /** Fails all further writes at once, before the writer knows of them. */
    void failAtOnce() {
        failing = true;
    }

    /** Makes all further writes throw. */
    void breakWrites() {
        broken = true;
    }

    /** Disconnects the client and calls the close handler. */
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
                if (broken) {
                    throw new IllegalStateException("on purpose");
                }
                if (arguments != null) {
                    written.add(((Buffer) arguments[0]).toString());
                }
                Promise<Void> taken = Promise.promise();
                if (failing) {
                    taken.fail("on purpose");
                } else if (taking) {
                    taken.complete();
                } else {
                    untaken.add(taken);
                }
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
