package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Connections with which tests look at servers, beside those that are tried. */
public final class TestConnections {
    private TestConnections() {}

    /** Connects as {@code options} say; what goes wrong later is not logged. */
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
