package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.SerializedHeaders;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The messages of one atomic batch, and how they are sent (ADR-50, "Server-side batch publishing"). */
final class AtomicBatch {
    private static final int MAX_MESSAGES = 1_000;
    private static final String ID = "Nats-Batch-Id";
    private static final String SEQUENCE = "Nats-Batch-Sequence";
    private static final String COMMIT = "Nats-Batch-Commit";
    private static final int NO_RESPONDERS = 503;

    private final String id = NUID.nextGlobal();
    private final long maxBytes;
    private final List<OutboundMessage> messages = new ArrayList<>();
    private final Set<String> subjects = new LinkedHashSet<>();
    private final Set<String> messageIds = new HashSet<>();
    private long bytes;
    private volatile boolean committing;

    AtomicBatch(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * @throws SluiceException {@code TOO_LARGE} if the batch exceeds its limit of messages or bytes, {@code INVALID} if it
     *     already has a message with this id
     */
    void add(OutboundMessage message) {
        bytes += message.size();
        if (messages.size() == MAX_MESSAGES) {
            throw Failure.TOO_LARGE.because("A batch has at most " + MAX_MESSAGES + " messages");
        }
        if (bytes > maxBytes) {
            throw Failure.TOO_LARGE.because(
                    "A batch has at most " + maxBytes + " bytes of payload and headers (sluice.publish.stream-bytes)");
        }
        requireOtherIds(message);
        messages.add(message);
        subjects.add(message.subject().value());
    }

    private void requireOtherIds(OutboundMessage message) {
        for (String messageId : message.headers().getOrDefault(NatsHeaders.MESSAGE_ID, List.of())) {
            if (!messageIds.add(messageId)) {
                throw Failure.INVALID.because("Two messages of the batch have the id " + messageId);
            }
        }
    }

    /** @throws SluiceException {@code INVALID} if the batch is empty */
    void requireMessages() {
        if (messages.isEmpty()) {
            throw Failure.INVALID.because("A batch has at least one message");
        }
    }

    /** Returns the subject of the first message. */
    String subject() {
        return messages.get(0).subject().value();
    }

    Set<String> subjects() {
        return subjects;
    }

    /** Sends the first message, waits for its reply, then sends the others. The last message commits the batch. */
    Uni<Receipt> send(NatsLink link, Duration deadline) {
        Connection connection = link.connection();
        List<SerializedHeaders> headers = headers(connection.getMaxPayload());
        committing = messages.size() == 1;
        Uni<Message> first = Uni.createFrom()
                .completionStage(() -> ask(link, connection, 0, headers, deadline))
                .onFailure()
                .transform(this::unanswered);
        return messages.size() == 1
                ? first.map(AtomicBatch::receipt)
                : first.invoke(AtomicBatch::requireBatches).chain(() -> Uni.createFrom()
                        .completionStage(() -> sendRest(link, connection, headers, deadline)));
    }

    private CompletionStage<Receipt> sendRest(
            NatsLink link, Connection connection, List<SerializedHeaders> headers, Duration deadline) {
        committing = true;
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 1; i < messages.size(); i++) {
            replies.add(ask(link, connection, i, headers, deadline));
        }
        return CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new))
                .handle((done, failed) -> outcome(replies));
    }

    /** Returns the failure after the deadline: {@code OUTCOME_UNKNOWN} if the last message may have been sent. */
    SluiceException outcome() {
        return committing
                ? outcomeUnknown()
                : Failure.UNAVAILABLE.because("The stream did not answer in time; nothing was stored");
    }

    private Throwable unanswered(Throwable failure) {
        if (failure instanceof SluiceException) {
            return failure;
        }
        if (messages.size() == 1 && !(failure instanceof JetStreamStatusException)) {
            return outcomeUnknown();
        }
        return Failure.UNAVAILABLE.because("The stream does not answer; nothing was stored", failure);
    }

    private List<SerializedHeaders> headers(long maxPayload) {
        List<SerializedHeaders> headers = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            Map<String, List<String>> fields =
                    new LinkedHashMap<>(messages.get(i).headers());
            fields.put(ID, List.of(id));
            fields.put(SEQUENCE, List.of(Integer.toString(i + 1)));
            if (i == messages.size() - 1) {
                fields.put(COMMIT, List.of("1"));
            }
            SerializedHeaders serialized = SerializedHeaders.of(fields, null);
            int size = serialized.serializedLength() + messages.get(i).data().length;
            if (maxPayload > 0 && size > maxPayload) {
                String detail = "A message with its headers has at most %d bytes here, number %d has %d";
                throw Failure.TOO_LARGE.because(detail.formatted(maxPayload, i + 1, size));
            }
            headers.add(serialized);
        }
        return headers;
    }

    private CompletableFuture<Message> ask(
            NatsLink link, Connection connection, int index, List<SerializedHeaders> headers, Duration deadline) {
        OutboundMessage message = messages.get(index);
        try {
            return link.requests()
                    .send(connection, message.subject().value(), headers.get(index), message.data(), deadline);
        } catch (IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Returns the receipt, or throws the first refusal: it is the cause of all later ones. */
    private static Receipt outcome(List<CompletableFuture<Message>> replies) {
        for (CompletableFuture<Message> reply : replies.subList(0, replies.size() - 1)) {
            if (!reply.isCompletedExceptionally()) {
                SluiceException refusal = refusal(reply.join());
                if (refusal != null) {
                    throw refusal;
                }
            }
        }
        CompletableFuture<Message> commit = replies.get(replies.size() - 1);
        if (commit.isCompletedExceptionally()) {
            throw outcomeUnknown();
        }
        return receipt(commit.join());
    }

    private static SluiceException outcomeUnknown() {
        return Failure.OUTCOME_UNKNOWN.because("No answer in time: all of the messages may be stored, or none");
    }

    /** Checks the reply to the first message. Only a server that supports batches sends an empty reply. */
    private static void requireBatches(Message reply) {
        SluiceException refusal = refusal(reply);
        if (refusal != null) {
            throw refusal;
        }
        if (reply.getData().length > 0) {
            throw Failure.NOT_SUPPORTED.because(
                    "The server took the first message for one of its own and stored it; nothing more was sent");
        }
    }

    private static Receipt receipt(Message reply) {
        SluiceException refusal = refusal(reply);
        if (refusal != null) {
            throw refusal;
        }
        if (PublishReplyParser.parse(reply.getData()) instanceof PublishReply.Stored ack) {
            return ack.receipt();
        }
        throw Failure.OUTCOME_UNKNOWN.because("The answer to the batch cannot be read");
    }

    private static @Nullable SluiceException refusal(Message reply) {
        if (reply.isStatusMessage()) {
            return reply.getStatus().getCode() == NO_RESPONDERS
                    ? Failure.UNAVAILABLE.because("The stream does not answer; nothing was stored")
                    : Failure.UNAVAILABLE.because(
                            "The server answered " + reply.getStatus().getCode());
        }
        if (PublishReplyParser.parse(reply.getData()) instanceof PublishReply.Refused refused) {
            return PublishErrors.meaning(refused).failure().because(detail(refused), refused.errorCode());
        }
        return null;
    }

    private static String detail(PublishReply.Refused refused) {
        return refused.errorCode() == JetStreamErrors.BATCH_DUPLICATE_MESSAGE
                ? "A message with one of these ids is already stored; nothing of this batch was stored"
                : "The stream refused the batch: " + PublishErrors.reason(refused);
    }
}
