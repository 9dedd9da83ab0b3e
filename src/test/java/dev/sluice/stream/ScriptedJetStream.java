package dev.sluice.stream;

import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;

/** A server without JetStream, and a client of it that answers in its place. */
public final class ScriptedJetStream implements AutoCloseable {
    private static final String PREFIX = JetStreamApi.DEFAULT_PREFIX;

    private final NatsServer server = NatsServer.withoutJetStream();
    private final NatsLink link = TestLinks.linkTo(server);
    private final Connection jetStream;

    public ScriptedJetStream() throws Exception {
        await().atMost(Timeouts.LIMIT).until(link::up);
        jetStream = Nats.connect(server.url());
    }

    public static String error(int code, int errorCode) {
        return "{\"error\":{\"code\":%d,\"err_code\":%d,\"description\":\"no\"}}".formatted(code, errorCode);
    }

    public NatsLink link() {
        return link;
    }

    public JetStreamApi api(Duration timeout) {
        return new JetStreamApi(link, PREFIX, timeout);
    }

    /** Answers requests for {@code operation}, a subject pattern below the prefix. */
    public void answer(String operation, Function<Message, String> script) throws Exception {
        jetStream
                .createDispatcher(request -> jetStream.publish(
                        request.getReplyTo(), script.apply(request).getBytes(StandardCharsets.UTF_8)))
                .subscribe(PREFIX + "." + operation);
        jetStream.flush(Timeouts.LIMIT);
    }

    /** Receives requests for {@code operation} and does not answer. */
    public void ignore(String operation) throws Exception {
        jetStream.createDispatcher(request -> {}).subscribe(PREFIX + "." + operation);
        jetStream.flush(Timeouts.LIMIT);
    }

    /** Waits until all requests that were sent are answered. */
    public void settle() throws Exception {
        link.connection().flush(Timeouts.LIMIT);
        jetStream.flush(Timeouts.LIMIT);
    }

    @Override
    public void close() throws InterruptedException {
        jetStream.close();
        link.drain(Timeouts.LIMIT);
        server.close();
    }
}
