package dev.sluice.http.publish;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.problem.Problem;
import dev.sluice.http.problem.ProblemType;
import dev.sluice.stream.publish.PublishOutcome;
import dev.sluice.stream.publish.Receipt;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The result of one message of several: of a line of a bulk publish, or of an event of a batch.
 *
 * @param line line number in the body, or number of the event, from 1
 * @param status HTTP status that a single publish of the message would return
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LineReceipt(
        long line,
        int status,
        @Nullable String stream,
        @Nullable Long seq,
        @Nullable Boolean duplicate,
        @Nullable Problem problem) {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;

    static Function<PublishOutcome, LineReceipt> of(Line line, String path) {
        long number = line.number();
        return outcome -> outcome instanceof PublishOutcome.Refused refused
                ? refused(number, refused.cause(), path)
                : stored(number, ((PublishOutcome.Stored) outcome).receipt());
    }

    static LineReceipt accepted(Line line) {
        return new LineReceipt(line.number(), ACCEPTED, null, null, null, null);
    }

    static LineReceipt refused(long line, SluiceException cause, String path) {
        Problem problem = ProblemType.describe(cause, path);
        return new LineReceipt(line, problem.status(), null, null, null, problem);
    }

    /** Returns this receipt with the addresses of its problem as the client of {@code request} has to use them. */
    LineReceipt seenBy(HttpServerRequest request) {
        return problem == null ? this : new LineReceipt(line, status, stream, seq, duplicate, problem.seenBy(request));
    }

    private static LineReceipt stored(long line, Receipt receipt) {
        int status = receipt.duplicate() ? OK : CREATED;
        return new LineReceipt(line, status, receipt.stream(), receipt.sequence(), receipt.duplicate(), null);
    }
}
