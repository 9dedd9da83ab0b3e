package dev.sluice.reliability;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An HTTP client like those of other services: it keeps connections alive, obeys {@code Connection: close} and GOAWAY,
 * and does not retry.
 */
final class Caller implements AutoCloseable {
    /** Request timeout, longer than any permitted response time. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final HttpClient client;
    private final int port;

    private Caller(int port, HttpClientOptions options) {
        this.port = port;
        this.client = vertx().createHttpClient(options.setConnectTimeout(2_000));
    }

    /** Returns a client for HTTP/1.1 with up to {@code connections} keep-alive connections. */
    static Caller http1(int port, int connections) {
        return new Caller(
                port,
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setMaxPoolSize(connections)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(60)
                        .setMaxWaitQueueSize(-1));
    }

    /** Returns a client for HTTP/2 with prior knowledge and at most two connections. */
    static Caller http2(int port, int connections) {
        return new Caller(
                port,
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setHttp2MaxPoolSize(Math.min(connections, 2)));
    }

    static Caller of(HttpVersion version, int port, int connections) {
        return version == HttpVersion.HTTP_2 ? http2(port, connections) : http1(port, connections);
    }

    Future<Reply> post(String path, String contentType, Buffer body, MultiMap headers) {
        return send(HttpMethod.POST, path, contentType, headers, request -> request.send(body));
    }

    /** Sends the body chunked. Each chunk is written after the previous write has completed. */
    Future<Reply> postChunks(String path, String contentType, List<Buffer> chunks) {
        return send(HttpMethod.POST, path, contentType, MultiMap.caseInsensitiveMultiMap(), request -> {
            request.setChunked(true);
            Future<HttpClientResponse> response = request.response();
            Future<Void> written = Future.succeededFuture();
            for (Buffer chunk : chunks) {
                written = written.compose(before -> request.write(chunk));
            }
            written.compose(all -> request.end());
            return response;
        });
    }

    Future<Reply> get(String path) {
        return send(HttpMethod.GET, path, null, MultiMap.caseInsensitiveMultiMap(), HttpClientRequest::send);
    }

    /** Blocks until the reply or a timeout. */
    static Reply await(Future<Reply> reply) throws InterruptedException, NoReplyException {
        try {
            return reply.toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new NoReplyException(String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            throw new NoReplyException("No reply");
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private Future<Reply> send(HttpMethod method, String path, String contentType, MultiMap headers, Sending sending) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(path)
                .setTimeout(TIMEOUT.toMillis());
        return client.request(options).compose(request -> {
            request.headers().addAll(headers);
            if (contentType != null) {
                request.putHeader("Content-Type", contentType);
            }
            return sending.send(request).compose(response -> response.body().map(body -> Reply.of(response, body)));
        });
    }

    /** Returns the instance that all clients of this JVM share. */
    static Vertx vertx() {
        return Shared.VERTX;
    }

    record Reply(int status, boolean retryAfter, String body) {
        static Reply of(HttpClientResponse response, Buffer body) {
            return new Reply(response.statusCode(), response.getHeader("Retry-After") != null, body.toString());
        }
    }

    /** The connection broke, was refused, or timed out. */
    static final class NoReplyException extends Exception {
        private static final long serialVersionUID = 1;

        NoReplyException(String message) {
            super(message);
        }
    }

    private interface Sending {
        Future<HttpClientResponse> send(HttpClientRequest request);
    }

    private static final class Shared {
        static final Vertx VERTX =
                Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));
    }
}
