package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.Error;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The JetStream API calls that a bucket needs, without a thread that waits for the answer. They complete on a thread of
 * jnats, or on the JDK's timer, with a {@link SluiceException} where they fail.
 */
final class BucketApi {
    private static final byte[] NOTHING = {};
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int ABSENT = 404;

    private final NatsLink link;
    private final String prefix;
    private final Duration timeout;

    /** @param prefix {@code $JS.API}, or that of a JetStream domain or an imported account */
    BucketApi(NatsLink link, String prefix, Duration timeout) {
        this.link = link;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    /** How the stream is set up, if it exists. */
    CompletionStage<Optional<StreamConfiguration>> configuration(Connection connection, String stream) {
        return ask(connection, ".STREAM.INFO." + stream, NOTHING).thenApply(answer -> {
            StreamInfo info = new StreamInfo(answer);
            return missing(info) ? Optional.empty() : Optional.of(accepted(info).getConfiguration());
        });
    }

    /** Creates the stream; one that exists and differs is refused. */
    CompletionStage<StreamInfo> create(Connection connection, StreamConfiguration configuration) {
        return change(connection, ".STREAM.CREATE.", configuration);
    }

    CompletionStage<StreamInfo> update(Connection connection, StreamConfiguration configuration) {
        return change(connection, ".STREAM.UPDATE.", configuration);
    }

    /** The last message on {@code subject}, if there is one, straight from any replica (ADR-31). */
    CompletionStage<Optional<Message>> last(Connection connection, String stream, String subject) {
        return ask(connection, ".DIRECT.GET." + stream + "." + subject, NOTHING).thenApply(BucketApi::found);
    }

    private CompletionStage<StreamInfo> change(
            Connection connection, String operation, StreamConfiguration configuration) {
        byte[] body = configuration.toJson().getBytes(StandardCharsets.UTF_8);
        return ask(connection, operation + configuration.getName(), body)
                .thenApply(answer -> accepted(new StreamInfo(answer)));
    }

    private CompletionStage<Message> ask(Connection connection, String operation, byte[] body) {
        CompletableFuture<Message> answer;
        try {
            answer = link.request(connection, prefix + operation, body, timeout);
        } catch (IllegalStateException closing) {
            answer = CompletableFuture.failedFuture(closing);
        }
        return answer.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).handle(BucketApi::answered);
    }

    private static Message answered(@Nullable Message answer, @Nullable Throwable failure) {
        if (answer != null) {
            return answer;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof SluiceException refused) {
            throw refused;
        }
        String detail =
                cause instanceof TimeoutException ? "JetStream did not answer in time" : "JetStream cannot be asked";
        throw Failure.UNAVAILABLE.because(detail, Objects.requireNonNull(cause));
    }

    private static Optional<Message> found(Message answer) {
        if (!answer.isStatusMessage()) {
            return Optional.of(answer);
        }
        if (answer.getStatus().getCode() == ABSENT) {
            return Optional.empty();
        }
        throw Failure.UNAVAILABLE.because("The bucket could not be read");
    }

    private static boolean missing(StreamInfo info) {
        return info.hasError() && info.getApiErrorCode() == STREAM_NOT_FOUND;
    }

    private static StreamInfo accepted(StreamInfo info) {
        if (!info.hasError()) {
            return info;
        }
        Error error = info.getErrorObject();
        int code = error == null ? Error.NOT_SET : error.getCode();
        throw JetStreamErrors.failure(info.getApiErrorCode(), code)
                .because(String.valueOf(info.getDescription()), info.getApiErrorCode());
    }
}
