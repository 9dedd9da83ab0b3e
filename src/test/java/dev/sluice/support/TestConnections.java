package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;

/** NATS connections of the tests themselves, separate from those under test. */
public final class TestConnections {
    private TestConnections() {}

    /** Connects with {@code options}. Later errors are not logged. */
    public static Connection open(Options.Builder options) {
        try {
            return Nats.connect(options.errorListener(new ErrorListener() {}).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
