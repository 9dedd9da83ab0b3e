package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.publish.PublishOutcome;
import dev.sluice.stream.publish.Receipt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The result of one line of a bulk publish.
 *
 * @param line line number in the body, from 1
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

    static Function<PublishOutcome, LineReceipt> of(Line line) {
        long number = line.number();
        return outcome -> outcome instanceof PublishOutcome.Refused refused
                ? refused(number, refused.cause())
                : stored(number, ((PublishOutcome.Stored) outcome).receipt());
    }

    static LineReceipt accepted(Line line) {
        return new LineReceipt(line.number(), ACCEPTED, null, null, null, null);
    }

    static LineReceipt refused(long line, SluiceException cause) {
        Problem problem = ProblemType.describe(cause, BulkRoute.PATH);
        return new LineReceipt(line, problem.status(), null, null, null, problem);
    }

    private static LineReceipt stored(long line, Receipt receipt) {
        int status = receipt.duplicate() ? OK : CREATED;
        return new LineReceipt(line, status, receipt.stream(), receipt.sequence(), receipt.duplicate(), null);
    }
}
