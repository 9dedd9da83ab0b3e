package dev.sluice.http;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Sets the size of the kernel send buffer of client connections. By default the kernel lets the buffer of a client that
 * does not read grow to megabytes. A container's memory limit counts them, and the kernel reports the progress of a
 * client in proportionally large steps.
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
