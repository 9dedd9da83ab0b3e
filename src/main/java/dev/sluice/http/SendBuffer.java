package dev.sluice.http;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Bounds what waits in the kernel for a client that does not read. Left to itself the kernel lets it grow to megabytes for
 * each, which a container's memory limit counts, and looks for progress in steps as large.
 */
@Singleton
final class SendBuffer implements HttpServerOptionsCustomizer {
    private final int bytes;

    @Inject
    SendBuffer(HttpConfig config) {
        bytes = Math.toIntExact(config.sendBuffer().asLongValue());
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        options.setSendBufferSize(bytes);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        options.setSendBufferSize(bytes);
    }
}
