package dev.sluice.http.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.OpenRequest;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.ResponseEnd;
import dev.sluice.http.JsonText;
import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.body.BodyDrain;
import dev.sluice.http.body.LineWriter;
import dev.sluice.http.body.StreamedResponse;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * One bulk publish. Lines arrive and receipts are sent at the same time, with back-pressure in both directions.
 *
 * <p>The exchange ends early if for a whole timeout no line was completed although Sluice was reading, and no receipt
 * was taken although one was available. A client that sends too slowly gets a last receipt with 408. A client that does
 * not read is cut off. Publishes in flight are completed in any case. A response without a receipt for each line that
 * was taken is aborted, not ended normally. Confined to the request's event loop.
 */
final class BulkExchange implements LineWriter.Listener {
    private static final Logger LOG = Logger.getLogger(BulkExchange.class);
    private static final int LINES_AHEAD = 64;
    private static final int RECEIPTS_AHEAD = 256;

    private final RoutingContext routing;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Executor eventLoop;
    private final UploadedLines upload;
    private final Duration timeout;
    private final ObjectMapper json;
    private final LineWriter<LineReceipt> writer;
    private long lines;
    private long receipts;
    private boolean progress;
    private boolean over;
    private long timer;

    BulkExchange(RoutingContext routing, int maxLine, BodyBytes bytes, Duration timeout, ObjectMapper json) {
        this.routing = routing;
        this.request = routing.request();
        this.response = routing.response();
        this.eventLoop = ContextExecutor.of(routing);
        this.upload = new UploadedLines(routing, maxLine, bytes);
        this.timeout = timeout;
        this.json = json;
        this.writer = new LineWriter<>(response, eventLoop, this::written, RECEIPTS_AHEAD, this);
    }

    /** @param publish maps lines to receipts, one for each line, in order; may signal on any thread */
    void begin(Function<Multi<Line>, Multi<LineReceipt>> publish) {
        ResponseEnd.whenGone(response, this::end);
        if (over) {
            return;
        }
        watch();
        publish.apply(upload.multi()
                        .invoke(line -> lines++)
                        .emitOn(eventLoop, LINES_AHEAD)
                        .invoke(line -> line.taken().run())
                        .onTermination()
                        .invoke(upload::close))
                .emitOn(eventLoop, RECEIPTS_AHEAD)
                .invoke(this::received)
                .subscribe()
                .withSubscriber(writer);
    }

    @Override
    public void progressed() {
        progress = true;
    }

    @Override
    public void completed() {
        if (receipts < lines) {
            failed(new IllegalStateException(lines + " lines were read and " + receipts + " have a receipt"));
            return;
        }
        end();
        writeHead();
        OpenRequest.of(routing).end();
    }

    @Override
    public void failed(Throwable cause) {
        if (over) {
            return;
        }
        end();
        if (response.headWritten()) {
            LOG.debugf(cause, "A bulk publish was aborted after %d receipts", receipts);
            AbortedResponse.cutOff(request);
        } else {
            routing.fail(cause);
        }
    }

    private void received(LineReceipt receipt) {
        receipts++;
        writeHead();
    }

    private void writeHead() {
        if (!response.headWritten()) {
            StreamedResponse.writeHead(response, JsonText.NDJSON);
        }
    }

    private byte[] written(LineReceipt receipt) {
        return JsonText.line(json, receipt.seenBy(request)).getBytes(StandardCharsets.UTF_8);
    }

    private void watch() {
        progress = false;
        timer = routing.vertx().setTimer(timeout.toMillis(), due -> {
            boolean arrived = upload.progressed();
            if (progress || arrived || (lines > receipts && !writer.blocked())) {
                watch();
            } else if (writer.blocked()) {
                end();
                AbortedResponse.cutOff(request);
            } else {
                giveUp();
            }
        });
    }

    private void giveUp() {
        SluiceException late = Failure.REQUEST_TIMEOUT.because(
                "No line was completed for " + timeout.toSeconds() + " s (sluice.http.line-timeout)");
        end();
        writeHead();
        BodyDrain.discard(routing.vertx(), request);
        writer.writeLast(LineReceipt.refused(upload.count() + 1, late, BulkRoute.PATH));
    }

    private void end() {
        over = true;
        routing.vertx().cancelTimer(timer);
        writer.stop();
    }
}
