package dev.sluice.http.body;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import dev.sluice.http.HttpConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Reads the whole body of a request within a maximum size and a timeout, whatever {@code Content-Length} announces.
 *
 * <p>The bytes count against {@link BodyBytes} until the body has ended. A client that exceeds a limit receives the
 * response while it is still sending.
 */
@Singleton
public final class MessageBody {
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final int maxMessage;
    private final int maxJson;
    private final Duration timeout;
    private final BodyBytes bytes;

    @Inject
    MessageBody(Vertx vertx, HttpConfig config, BodyBytes bytes) {
        this.vertx = vertx;
        this.bytes = bytes;
        this.maxMessage = Math.toIntExact(config.maxMessageSize().asLongValue());
        this.maxJson = Math.toIntExact(config.maxJsonSize().asLongValue());
        this.timeout = config.bodyTimeout();
    }

    /** Reads a message. Fails {@code TOO_LARGE} or {@code REQUEST_TIMEOUT}. Subscribe on the request's event loop. */
    public Uni<byte[]> read(HttpServerRequest request) {
        return read(request, "A message", maxMessage);
    }

    /** Reads a body that is one JSON document, otherwise like {@link #read}. */
    Uni<byte[]> readJson(HttpServerRequest request) {
        return read(request, "A JSON body", maxJson);
    }

    /** Reads a message like {@link #read(HttpServerRequest)}, without a pipeline for the single result. */
    public void read(HttpServerRequest request, Completion<byte[]> completion) {
        new Reading(request, "A message", maxMessage, completion).begin();
    }

    /** Tells the client to send the body, if it waits for that ({@code Expect: 100-continue}). */
    public static void tellToSend(HttpServerRequest request) {
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
    }

    private Uni<byte[]> read(HttpServerRequest request, String what, int maxBytes) {
        return Uni.createFrom()
                .emitter(emitter -> new Reading(request, what, maxBytes, Completion.of(emitter)).begin());
    }

    private final class Reading {
        private final HttpServerRequest request;
        private final String what;
        private final int maxBytes;
        private final Completion<byte[]> completion;
        private final Buffer body = Buffer.buffer();
        private final BodyBytes.Share share = bytes.share();
        private boolean ended;
        private long timer = NO_TIMER;

        Reading(HttpServerRequest request, String what, int maxBytes, Completion<byte[]> completion) {
            this.request = request;
            this.what = what;
            this.maxBytes = maxBytes;
            this.completion = completion;
        }

        void begin() {
            request.exceptionHandler(broken -> {
                if (end()) {
                    completion.fail(Failure.INVALID.because("The body is incomplete", broken));
                }
            });
            request.endHandler(last -> {
                if (end()) {
                    completion.complete(body.getBytes());
                }
            });
            if (announced() > maxBytes) {
                refuse(tooLarge());
            } else if (announced() <= BodyBytes.UNCOUNTED || hasRoom(() -> share.requireRoom(announced()))) {
                request.handler(this::take);
                tellToSend(request);
            }
            request.resume();
            if (!ended) {
                vertx.getOrCreateContext().runOnContext(ignored -> setTimer());
            }
        }

        /** Called after the bytes that have already arrived were read: most bodies arrive together with their head. */
        private void setTimer() {
            if (!ended) {
                timer = vertx.setTimer(
                        timeout.toMillis(),
                        late -> refuse(Failure.REQUEST_TIMEOUT.because(
                                "The body took more than " + timeout.toSeconds() + " s")));
            }
        }

        /** Returns whether the body had not ended before. */
        private boolean end() {
            boolean first = !ended;
            ended = true;
            share.close();
            if (timer != NO_TIMER) {
                vertx.cancelTimer(timer);
            }
            return first;
        }

        /**
         * Returns the announced length, or 0 if there is none. The HTTP layer has already rejected an invalid length.
         */
        private long announced() {
            String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
            return length == null ? 0 : Long.parseLong(length);
        }

        private void take(Buffer chunk) {
            if (body.length() + chunk.length() > maxBytes) {
                refuse(tooLarge());
            } else if (mayHold(body.length() + chunk.length())) {
                body.appendBuffer(chunk);
            }
        }

        private boolean mayHold(int size) {
            return size <= BodyBytes.UNCOUNTED || hasRoom(() -> share.extend(size));
        }

        /** Returns whether {@code taking} finds room. Otherwise the request is refused. */
        private boolean hasRoom(Runnable taking) {
            try {
                taking.run();
                return true;
            } catch (SluiceException full) {
                refuse(full);
                return false;
            }
        }

        private SluiceException tooLarge() {
            return Failure.TOO_LARGE.because(what + " may have at most " + maxBytes + " bytes");
        }

        private void refuse(SluiceException answer) {
            if (end()) {
                BodyDrain.discard(vertx, request);
                completion.fail(answer);
            }
        }
    }
}
