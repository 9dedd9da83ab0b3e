package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.Completion;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.ReplyInbox;
import dev.sluice.nats.UnsafeHeaders;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.Connection;
import io.nats.client.NUID;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages, matches the answers, sends unanswered messages again, and fails them at the deadline.
 *
 * <p>A publish is settled by the thread that removes it from {@link InFlight}: the reader thread of the connection on an
 * answer, the ticker at the deadline, the publishing thread on an immediate error. After a reconnect all unanswered
 * messages are sent again, in their original order and before new ones, with the same message ids: the duplicate window
 * of the stream prevents a second copy.
 */
final class PublishPipeline implements LinkListener {

    /** What happens to a message that is submitted while NATS is unreachable. */
    enum WhileAway {
        REFUSE,
        WAIT
    }

    private static final String SINCE_TIMES_TO_LIVE = "2.11.0";

    private final NatsLink link;
    private final StreamLookup lookup;
    private final long ackTimeout;
    private final long deadline;
    private final Backoff backoff;
    private final InFlight inFlight;
    private final PublishCounters counters;
    private final Runnable ticking;
    private final String idPrefix = new NUID().next() + "-";
    private @Nullable ReplyInbox opened;
    private volatile @Nullable ReplyInbox inbox;
    private volatile boolean closing;

    /** @param ticking makes {@link #tick} be called as long as a publish is in flight; cheap if it already is */
    PublishPipeline(
            NatsLink link,
            StreamLookup lookup,
            PublishConfig config,
            InFlight inFlight,
            PublishCounters counters,
            Runnable ticking) {
        this.link = link;
        this.lookup = lookup;
        this.ackTimeout = config.ackTimeout().toNanos();
        this.deadline = config.deadline().toNanos();
        this.backoff = new Backoff(config.backoff(), config.maxBackoff());
        this.inFlight = inFlight;
        this.counters = counters;
        this.ticking = ticking;
    }

    /** Sends {@code message} and settles {@code completion} with its receipt or a {@code SluiceException}. */
    void submit(Publication message, WhileAway whileAway, Completion<Receipt> completion) {
        ReplyInbox now = inbox;
        Optional<SluiceException> refusal = link.requests().inboxRefusal();
        if (closing) {
            refuse(completion, Failure.UNAVAILABLE.because("This instance is shutting down; nothing was sent"));
        } else if (now == null && whileAway == WhileAway.REFUSE) {
            refuse(completion, Failure.UNAVAILABLE.because("NATS cannot be reached; nothing was sent"));
        } else if (refusal.isPresent()) {
            refuse(completion, refusal.get());
        } else if (!inFlight.takePermit()) {
            refuse(
                    completion,
                    Failure.OVERLOADED.because("Too many publishes wait for their stream; nothing was sent"));
        } else {
            PendingPublish publish = add(message, completion);
            if (publish != null && now != null) {
                send(publish, now);
            }
        }
    }

    boolean reachable() {
        return inbox != null;
    }

    boolean closing() {
        return closing;
    }

    PublishCounters counters() {
        return counters;
    }

    /** Refuses all further messages. */
    void close() {
        closing = true;
    }

    @Override
    public void up(Connection connection) {
        ReplyInbox current = opened;
        if (current == null || current.connection() != connection) {
            current = open(connection);
            opened = current;
        } else {
            current.announce();
        }
        long now = System.nanoTime();
        inFlight.forEach(publish -> publish.connectionLost(now));
        sendDue(current, now);
        inbox = current;
    }

    @Override
    public void down() {
        inbox = null;
    }

    @Override
    public void tooManySubscriptions() {
        link.requests().tooManySubscriptions(() -> opened);
    }

    @Override
    public void denied(String subject) {
        inFlight.forEach(publish -> {
            if (publish.sentOnce(subject)) {
                settle(publish, DeniedSubjects.refusal(subject));
            }
        });
    }

    /** Fails the publishes whose deadline has passed and sends those that are due. Called on the ticker's thread. */
    void tick() {
        long now = System.nanoTime();
        inFlight.forEach(publish -> {
            if (publish.expired(now) && inFlight.remove(publish)) {
                refuse(publish.completion(), publish.outcome());
            }
        });
        ReplyInbox current = inbox;
        if (current != null) {
            sendDue(current, now);
        }
    }

    private ReplyInbox open(Connection connection) {
        return ReplyInbox.open(connection, (number, reply) -> answered(number, PublishReplyParser.parse(reply)));
    }

    private void answered(long number, PublishReply answer) {
        PendingPublish publish = inFlight.find(number);
        if (publish == null) {
            return;
        }
        if (answer instanceof PublishReply.Stored stored) {
            if (inFlight.remove(publish)) {
                stored(publish, stored.receipt());
            }
        } else if (answer instanceof PublishReply.Refused refused) {
            if (refused.errorCode() == JetStreamErrors.STREAM_MESSAGE_EXCEEDS_MAXIMUM) {
                lookup.maxMessageSize(publish.subject())
                        .thenAccept(most ->
                                refused(publish, refused, PublishErrors.tooLarge(refused, publish.size(), most)));
            } else {
                refused(publish, refused, PublishErrors.reason(refused));
            }
        } else if (answer instanceof PublishReply.NoResponders) {
            refused(publish, publish.noStream(), PublishErrors.NO_RESPONDERS);
        } else {
            counters.unrecognized.increment();
            publish.answeredByAnother(System.nanoTime() + backoff.first().toNanos());
        }
    }

    private void refused(PendingPublish publish, PublishReply.Refused refused, String why) {
        PublishErrors.Meaning meaning = PublishErrors.meaning(refused);
        SluiceException refusal =
                meaning.failure().because("The stream refused the message: " + why, refused.errorCode());
        Optional<SluiceException> full = meaning.failure() == Failure.IN_PROCESS ? publish.full() : Optional.empty();
        if (full.isPresent()) {
            refused(publish, full.get(), PublishErrors.FULL);
        } else {
            refused(publish, refusal, meaning);
        }
    }

    private void stored(PendingPublish publish, Receipt received) {
        Receipt receipt = publish.receipt(received);
        counters.stored(publish.age(System.nanoTime()));
        if (receipt.duplicate()) {
            counters.duplicates.increment();
        }
        publish.completion().complete(receipt);
    }

    private void refused(PendingPublish publish, SluiceException refusal, PublishErrors.Meaning meaning) {
        if (publish.refused(refusal, meaning.repeat(), System.nanoTime(), backoff)) {
            settle(publish, meaning.beforeDeduplication() ? publish.unresolved(refusal) : refusal);
        }
    }

    private @Nullable PendingPublish add(Publication message, Completion<Receipt> completion) {
        long now = System.nanoTime();
        try {
            PendingPublish publish;
            do {
                long number = inFlight.freeNumber();
                publish = new PendingPublish(number, message, idPrefix, completion, now, now + deadline);
            } while (!inFlight.add(publish));
            ticking.run();
            return publish;
        } catch (SluiceException e) {
            inFlight.release(1);
            refuse(completion, e);
            return null;
        }
    }

    /**
     * Sends what is due, in order. Stops when the outgoing queue is full, because each further message would wait for room
     * and delay the deadlines of the others; the rest is due at the next tick.
     */
    private void sendDue(ReplyInbox replies, long now) {
        List<PendingPublish> due = new ArrayList<>();
        inFlight.forEach(publish -> {
            if (publish.due(now)) {
                due.add(publish);
            }
        });
        due.sort(Comparator.comparingLong(PendingPublish::number));
        for (PendingPublish publish : due) {
            if (!send(publish, replies)) {
                return;
            }
        }
    }

    /** Begins the action that is due. Returns whether the outgoing queue has room. */
    private boolean send(PendingPublish publish, ReplyInbox replies) {
        long limit = replies.connection().getMaxPayload();
        if (limit > 0 && publish.size() > limit) {
            String detail = "A message with its headers has at most %d bytes here, this one has %d";
            settle(publish, publish.unresolved(Failure.TOO_LARGE.because(detail.formatted(limit, publish.size()))));
            return true;
        }
        if (publish.expires() && !mayKeepTimes(replies.connection())) {
            settle(
                    publish,
                    publish.unresolved(Failure.NOT_SUPPORTED.because(
                            "Nats-TTL needs a NATS server 2.11 or newer; nothing was sent")));
            return true;
        }
        long now = System.nanoTime();
        return switch (publish.begin(now, now + ackTimeout)) {
            case SEND -> send(publish, replies, counters.sent, now);
            case SEND_AGAIN -> send(publish, replies, counters.resent, now);
            case LOOK_UP -> {
                lookup.ask(replies.connection(), publish.subject()).thenAccept(found -> lookedUp(publish, found));
                yield true;
            }
            case NOTHING -> true;
        };
    }

    /** An older server stores the message without its time to live, and confirms it. */
    private boolean mayKeepTimes(Connection connection) {
        return lookup.elsewhere() || connection.getServerInfo().isSameOrNewerThanVersion(SINCE_TIMES_TO_LIVE);
    }

    private boolean send(PendingPublish publish, ReplyInbox replies, LongAdder counter, long now) {
        try {
            UnsafeHeaders.requireNone(replies.connection(), publish.fields());
            replies.connection()
                    .publish(publish.subject(), replies.replyTo(publish.number()), publish.headers(), publish.data());
            counter.increment();
            return true;
        } catch (IllegalStateException full) {
            publish.notSent(now + backoff.first().toNanos());
            return false;
        } catch (IllegalArgumentException e) {
            publish.notSent(now);
            settle(publish, publish.unresolved(Failure.INVALID.because("NATS cannot carry this message", e)));
            return true;
        } catch (SluiceException unsafe) {
            publish.notSent(now);
            settle(publish, publish.unresolved(unsafe));
            return true;
        }
    }

    private void lookedUp(PendingPublish publish, StreamLookup.Found found) {
        long next = System.nanoTime() + ackTimeout;
        switch (found) {
            case NONE -> settle(publish, publish.noStream());
            case STREAM ->
                publish.streamMayAnswer(
                        Failure.UNAVAILABLE.because("The stream of this subject has no leader; nothing was stored"),
                        next);
            case DENIED ->
                settle(
                        publish,
                        publish.unresolved(Failure.FORBIDDEN.because(
                                "No stream answered for this subject, and the NATS server does not permit Sluice's own"
                                        + " user to ask whether one stores it; nothing was stored")));
            case SWITCHED_OFF ->
                settle(
                        publish,
                        Failure.NOT_SUPPORTED.because("JetStream is switched off at this server; nothing was stored"));
            case NO_JETSTREAM ->
                publish.streamMayAnswer(
                        Failure.UNAVAILABLE.because("JetStream does not answer; nothing was stored"), next);
        }
    }

    private void settle(PendingPublish publish, SluiceException failure) {
        if (inFlight.remove(publish)) {
            refuse(publish.completion(), failure);
        }
    }

    private void refuse(Completion<Receipt> completion, SluiceException failure) {
        counters.failed(failure.failure());
        completion.fail(failure);
    }
}
