package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.ApiResponse;
import io.nats.client.api.ConsumerCreateRequest;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.Error;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The JetStream API calls that pulling needs, without a thread that waits for the answer. jnats' own management calls
 * block, and its contexts remember the version of a server that may have been replaced since.
 */
final class ConsumerApi {
    private static final byte[] NOTHING = {};

    private final NatsLink link;
    private final String prefix;
    private final Duration timeout;

    /** @param prefix {@code $JS.API}, or that of a JetStream domain or an imported account */
    ConsumerApi(NatsLink link, String prefix, Duration timeout) {
        this.link = link;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    String infoSubject(ConsumerRef ref) {
        return prefix + ".CONSUMER.INFO." + ref.stream() + "." + ref.consumer();
    }

    String pullSubject(ConsumerRef ref) {
        return prefix + ".CONSUMER.MSG.NEXT." + ref.stream() + "." + ref.consumer();
    }

    CompletionStage<ConsumerAnswer> info(Connection connection, ConsumerRef ref) {
        return ask(connection, infoSubject(ref), NOTHING);
    }

    CompletionStage<ConsumerAnswer> delete(Connection connection, ConsumerRef ref) {
        return ask(connection, prefix + ".CONSUMER.DELETE." + ref.stream() + "." + ref.consumer(), NOTHING);
    }

    /** Creates it, or leaves it as it is where an equal one exists. */
    CompletionStage<ConsumerAnswer> create(Connection connection, ConsumerDefinition definition) {
        ConsumerRef ref = definition.ref();
        List<String> filters = definition.filterSubjects();
        String filter = filters.size() == 1 ? "." + filters.get(0) : "";
        ConsumerCreateRequest request = new ConsumerCreateRequest(ref.stream(), definition.toConfiguration());
        return ask(
                connection,
                prefix + ".CONSUMER.CREATE." + ref.stream() + "." + ref.consumer() + filter,
                request.toJson().getBytes(StandardCharsets.UTF_8));
    }

    private CompletionStage<ConsumerAnswer> ask(Connection connection, String subject, byte[] body) {
        CompletableFuture<Message> reply;
        try {
            reply = link.request(connection, subject, body, timeout);
        } catch (IllegalStateException closing) {
            reply = CompletableFuture.failedFuture(closing);
        }
        return reply.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).handle(ConsumerApi::read);
    }

    static ConsumerAnswer read(Message reply) {
        return read(reply, null);
    }

    private static ConsumerAnswer read(@Nullable Message reply, @Nullable Throwable noReply) {
        if (noReply instanceof SluiceException refused) {
            return new ConsumerAnswer.Refused(refused);
        }
        if (reply == null || reply.isStatusMessage()) {
            return new ConsumerAnswer.Unanswered(noReply == null ? "no responders" : noReply.toString());
        }
        ConsumerInfo info = new ConsumerInfo(reply);
        return info.hasError() ? refusal(info) : new ConsumerAnswer.Known(info);
    }

    private static ConsumerAnswer refusal(ApiResponse<?> response) {
        Error error = response.getErrorObject();
        int errorCode = error == null ? Error.NOT_SET : error.getApiErrorCode();
        int code = error == null ? Error.NOT_SET : error.getCode();
        String description = String.valueOf(response.getDescription());
        Failure failure = JetStreamErrors.failure(errorCode, code);
        return switch (failure) {
            case NO_CONSUMER, NO_STREAM -> new ConsumerAnswer.Missing(failure, errorCode, description);
            // A server that is just starting has JetStream not enabled yet.
            case UNAVAILABLE, OVERLOADED, NOT_SUPPORTED -> new ConsumerAnswer.Unanswered(description);
            default -> new ConsumerAnswer.Refused(failure.because(description, errorCode));
        };
    }
}
