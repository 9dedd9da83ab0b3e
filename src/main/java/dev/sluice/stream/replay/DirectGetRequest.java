package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.PendingRequest;
import dev.sluice.stream.replay.DirectGetResult.Service;
import io.nats.client.Message;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the replies to one direct get until the server reports the end of the batch, the batch is full, or the
 * request is ended otherwise.
 *
 * <p>Servers before 2.11 reply with one message and do not report the number of pending messages. A mirror may reply
 * for its origin, with its own stream name. It may be far behind and may keep messages that the origin has deleted, so
 * its replies are rejected. Thread-safe.
 */
final class DirectGetRequest implements PendingRequest {
    private static final int END_OF_BATCH = 204;
    private static final int NOTHING_FOUND = 404;
    private static final int NO_RESPONDERS = 503;

    private final String subject;
    private final String stream;
    private final int most;
    private final UniEmitter<? super DirectGetResult> emitter;
    private final List<Message> answers = new ArrayList<>();
    private boolean over;

    DirectGetRequest(String subject, String stream, int most, UniEmitter<? super DirectGetResult> emitter) {
        this.subject = subject;
        this.stream = stream;
        this.most = most;
        this.emitter = emitter;
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public void onEnd(Runnable release) {
        emitter.onTermination(release);
    }

    @Override
    public synchronized void reply(Message answer) {
        if (over) {
            return;
        }
        boolean stored = DirectGetReply.last(answer, DirectGetReply.SEQUENCE) != null;
        if (answer.isStatusMessage() && !stored) {
            end(
                    switch (answer.getStatus().getCode()) {
                        case END_OF_BATCH, NOTHING_FOUND -> Service.GIVEN;
                        case NO_RESPONDERS -> Service.AWAY;
                        default -> Service.NEVER;
                    });
        } else if (DirectGetReply.last(answer, DirectGetReply.PENDING) == null || ofAnother(answer)) {
            end(Service.NEVER);
        } else {
            answers.add(answer);
            if (answers.size() == most) {
                end(Service.GIVEN);
            }
        }
    }

    @Override
    public synchronized boolean timedOut() {
        boolean none = answers.isEmpty();
        end(none ? Service.AWAY : Service.GIVEN);
        return none;
    }

    /** The subject is denied. */
    @Override
    public void fail(SluiceException failure) {
        disconnected();
    }

    /** Ends the request. Later replies would not be contiguous. */
    @Override
    public synchronized void disconnected() {
        if (!answers.isEmpty()) {
            end(Service.GIVEN);
        } else if (!over) {
            over = true;
            emitter.fail(Failure.UNAVAILABLE.because("The connection to NATS was lost while a page was read"));
        }
    }

    private boolean ofAnother(Message answer) {
        String name = DirectGetReply.last(answer, DirectGetReply.STREAM);
        return name != null && !name.equals(stream);
    }

    private void end(Service service) {
        if (!over) {
            over = true;
            emitter.complete(new DirectGetResult(answers, service));
        }
    }
}
