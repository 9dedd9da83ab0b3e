package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.nats.Dispatchers;
import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Subscription;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends batched direct gets (ADR-31), which read stored messages without a consumer. One dispatcher per connection
 * receives all replies. It has no pending limits, because each request limits its replies.
 */
final class DirectGetClient implements LinkListener {
    private static final Logger LOG = Logger.getLogger(DirectGetClient.class);

    private final String prefix;
    private final Duration patience;
    private final Set<DirectGetRequest> open = ConcurrentHashMap.newKeySet();
    private final Dispatchers dispatchers = new Dispatchers(1);
    private volatile @Nullable Connection reachable;

    /** @param patience timeout of one read */
    DirectGetClient(NatsLink link, String apiPrefix, Duration patience) {
        this.prefix = apiPrefix + ".DIRECT.GET.";
        this.patience = patience;
        link.listen(this);
    }

    /**
     * Reads the messages of {@code stream} that match {@code filter}, from {@code sequence} on. Any replica may answer,
     * also one that is behind. The result arrives on a thread of the connection, or of a timer after the timeout. Fails
     * {@code UNAVAILABLE} if the connection is lost before the first message.
     */
    Uni<DirectGetResult> from(String stream, String filter, long sequence, PageSize size) {
        JsonValue request = new JsonValue(Map.of(
                "seq",
                new JsonValue(sequence),
                "next_by_subj",
                new JsonValue(filter),
                "batch",
                new JsonValue(size.messages()),
                "max_bytes",
                new JsonValue(size.bytes())));
        byte[] body = request.toJson().getBytes(StandardCharsets.UTF_8);
        return Uni.createFrom().deferred(() -> {
            DirectGetRequest read = new DirectGetRequest(stream, size.messages());
            return Uni.createFrom()
                    .<DirectGetResult>emitter(emitter -> begin(read, prefix + stream, body, emitter))
                    .ifNoItem()
                    .after(patience)
                    .recoverWithItem(read::late)
                    .onTermination()
                    .invoke(() -> open.remove(read));
        });
    }

    /** Returns the number of reads without a result. */
    int open() {
        return open.size();
    }

    @Override
    public void up(Connection connection) {
        reachable = connection;
    }

    @Override
    public void down() {
        reachable = null;
        open.forEach(DirectGetRequest::brokenOff);
    }

    /** Ends the open reads of the denied subject. */
    @Override
    public void denied(String subject) {
        open.stream().filter(read -> subject.equals(prefix + read.stream())).forEach(DirectGetRequest::brokenOff);
    }

    private void begin(
            DirectGetRequest read, String subject, byte[] body, UniEmitter<? super DirectGetResult> emitter) {
        Connection now = reachable;
        if (now == null) {
            emitter.fail(Failure.UNAVAILABLE.because("NATS cannot be reached"));
            return;
        }
        String inbox = now.createInbox();
        read.begin(emitter);
        open.add(read);
        Dispatcher dispatcher = dispatchers.next(now);
        Subscription answers = dispatcher.subscribe(inbox, read);
        emitter.onTermination(() -> unsubscribe(dispatcher, answers));
        now.publish(subject, inbox, body);
    }

    private static void unsubscribe(Dispatcher dispatcher, Subscription answers) {
        try {
            dispatcher.unsubscribe(answers);
        } catch (IllegalStateException closed) {
            LOG.debugf("Inbox %s ended with its connection", answers.getSubject());
        }
    }
}
