package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.stream.replay.DirectGetResult.Service;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the replies to one direct get until the server reports the end of the batch, the batch is full, or the
 * request is ended otherwise.
 *
 * <p>Servers before 2.11 reply with one message and do not report the number of pending messages. A mirror may reply
 * for its origin, with its own stream name. It may be far behind and may keep messages that the origin has deleted, so
 * its replies are rejected. Thread-safe.
 */
final class DirectGetRequest implements MessageHandler {
    private static final int END_OF_BATCH = 204;
    private static final int NOTHING_FOUND = 404;
    private static final int NO_RESPONDERS = 503;

    private final String stream;
    private final int most;
    private List<Message> answers = new ArrayList<>();
    private @Nullable UniEmitter<? super DirectGetResult> emitter;

    DirectGetRequest(String stream, int most) {
        this.stream = stream;
        this.most = most;
    }

    String stream() {
        return stream;
    }

    synchronized void begin(UniEmitter<? super DirectGetResult> whenOver) {
        emitter = whenOver;
    }

    @Override
    public synchronized void onMessage(Message answer) {
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

    /** Ends the request on a lost connection or a denied subject. Later replies would not be contiguous. */
    synchronized void brokenOff() {
        UniEmitter<? super DirectGetResult> last = emitter;
        if (!answers.isEmpty()) {
            end(Service.GIVEN);
        } else if (last != null) {
            emitter = null;
            last.fail(Failure.UNAVAILABLE.because("The connection to NATS was lost while a page was read"));
        }
    }

    /** Ends the request after its timeout and returns the replies received so far. */
    synchronized DirectGetResult late() {
        emitter = null;
        return taken(answers.isEmpty() ? Service.AWAY : Service.GIVEN);
    }

    private boolean ofAnother(Message answer) {
        String name = DirectGetReply.last(answer, DirectGetReply.STREAM);
        return name != null && !name.equals(stream);
    }

    private void end(Service service) {
        UniEmitter<? super DirectGetResult> last = emitter;
        if (last != null) {
            emitter = null;
            last.complete(taken(service));
        }
    }

    private DirectGetResult taken(Service service) {
        List<Message> taken = answers;
        answers = new ArrayList<>();
        return new DirectGetResult(taken, service);
    }
}
