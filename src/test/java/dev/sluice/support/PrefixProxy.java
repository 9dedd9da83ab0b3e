package dev.sluice.support;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;

/**
 * A reverse proxy that removes a prefix from the path, and tells it as {@code X-Forwarded-Prefix}. It does not change
 * {@code Host}, and rejects other paths.
 */
public final class PrefixProxy implements AutoCloseable {
    private static final int BAD_GATEWAY = 502;
    private static final int MAX_CONNECTIONS = 50;

    private final String prefix;
    private final int target;
    private final HttpClient client =
            TcpProxy.vertx().createHttpClient(new HttpClientOptions().setMaxPoolSize(MAX_CONNECTIONS));
    private final HttpServer server;

    /**
     * @param prefix begins with a slash and ends without one
     * @param target a port of this machine
     */
    public PrefixProxy(String prefix, int target) {
        this.prefix = prefix;
        this.target = target;
        server = TcpProxy.vertx().createHttpServer().requestHandler(this::forward);
        TcpProxy.join(done -> server.listen(0, "127.0.0.1").onSuccess(listening -> done.countDown()));
    }

    /** Returns the address below which the proxy serves what the target has at its root; it ends with a slash. */
    public URI root() {
        return URI.create("http://localhost:" + server.actualPort() + prefix + "/");
    }

    @Override
    public void close() {
        TcpProxy.join(done -> server.close().onComplete(closed -> done.countDown()));
        client.close();
    }

    private void forward(HttpServerRequest asked) {
        if (!asked.uri().startsWith(prefix + "/")) {
            asked.response().setStatusCode(404).end();
            return;
        }
        asked.pause();
        client.request(asked.method(), target, "127.0.0.1", asked.uri().substring(prefix.length()))
                .compose(request -> send(asked, request))
                .onSuccess(answer -> answer(answer, asked.response()))
                .onFailure(away -> asked.response().setStatusCode(BAD_GATEWAY).end());
    }

    private Future<HttpClientResponse> send(HttpServerRequest asked, HttpClientRequest request) {
        request.headers().setAll(asked.headers()).set("X-Forwarded-Prefix", prefix);
        if (asked.headers().contains(HttpHeaders.CONTENT_LENGTH)
                || asked.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return request.send(asked);
        }
        asked.resume();
        return request.send();
    }

    private static void answer(HttpClientResponse answer, HttpServerResponse response) {
        response.setStatusCode(answer.statusCode())
                .setChunked(answer.headers().contains(HttpHeaders.TRANSFER_ENCODING));
        response.headers().setAll(answer.headers());
        response.closeHandler(closed -> answer.request().reset());
        answer.exceptionHandler(cut -> response.reset());
        // Not a pipe: it asks for the queue of a response that a failed write has ended.
        answer.handler(chunk -> {
            if (!response.ended()) {
                response.write(chunk);
            }
        });
        answer.endHandler(end -> {
            if (!response.ended()) {
                response.end();
            }
        });
    }
}
