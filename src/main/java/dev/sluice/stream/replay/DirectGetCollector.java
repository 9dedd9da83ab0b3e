package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.HeaderBlock;
import dev.sluice.nats.PendingRequest;
import dev.sluice.stream.replay.DirectGetResult.Outcome;
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
final class DirectGetCollector implements PendingRequest {
    private static final int END_OF_BATCH = 204;
    private static final int NOTHING_FOUND = 404;
    private static final int NO_RESPONDERS = 503;

    private final String subject;
    private final String stream;
    private final int limit;
    private final UniEmitter<? super DirectGetResult> emitter;
    private final List<Message> replies = new ArrayList<>();
    private boolean ended;

    DirectGetCollector(String subject, String stream, int limit, UniEmitter<? super DirectGetResult> emitter) {
        this.subject = subject;
        this.stream = stream;
        this.limit = limit;
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
    public synchronized void reply(Message reply) {
        if (ended) {
            return;
        }
        if (reply.isStatusMessage()) {
            end(
                    switch (reply.getStatus().getCode()) {
                        case END_OF_BATCH, NOTHING_FOUND -> Outcome.ANSWERED;
                        case NO_RESPONDERS -> Outcome.UNAVAILABLE;
                        default -> Outcome.UNSUPPORTED;
                    });
        } else if (HeaderBlock.last(reply, DirectGetReply.PENDING) == null || ofAnotherStream(reply)) {
            end(Outcome.UNSUPPORTED);
        } else {
            replies.add(reply);
            if (replies.size() == limit) {
                end(Outcome.ANSWERED);
            }
        }
    }

    @Override
    public synchronized boolean timedOut() {
        boolean none = replies.isEmpty();
        end(none ? Outcome.UNAVAILABLE : Outcome.ANSWERED);
        return none;
    }

    @Override
    public void closed() {
        disconnected();
    }

    /** The subject is denied. */
    @Override
    public void fail(SluiceException failure) {
        disconnected();
    }

    /** Ends the request. Later replies would not be contiguous. */
    @Override
    public synchronized void disconnected() {
        if (!replies.isEmpty()) {
            end(Outcome.ANSWERED);
        } else if (!ended) {
            ended = true;
            emitter.fail(Failure.UNAVAILABLE.because("The connection to NATS was lost while a page was read"));
        }
    }

    private boolean ofAnotherStream(Message reply) {
        String name = HeaderBlock.last(reply, DirectGetReply.STREAM);
        return name != null && !name.equals(stream);
    }

    private void end(Outcome outcome) {
        if (!ended) {
            ended = true;
            emitter.complete(new DirectGetResult(replies, outcome));
        }
    }
}
