package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** Subscribes to everything that is sent to NATS, including JetStream requests. */
public final class NatsSpy implements AutoCloseable {
    private final Connection connection;
    private final Subscription everything;

    public NatsSpy(NatsServer server) {
        try {
            connection = Nats.connect(server.url());
            everything = connection.subscribe(">");
            connection.flush(Timeouts.LIMIT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns subject and payload of each received message, up to and including the first one on {@code fence}. */
    public List<String> heardUntil(String fence) {
        return heardUntil(fence::equals);
    }

    /** Returns subject and payload of each received message, up to and including the first one with such a subject. */
    public List<String> heardUntil(Predicate<String> last) {
        List<String> heard = new ArrayList<>();
        try {
            while (true) {
                Message message = everything.nextMessage(Timeouts.LIMIT);
                if (message == null) {
                    throw new AssertionError("No such message after " + heard);
                }
                heard.add(message.getSubject() + " " + new String(message.getData(), StandardCharsets.UTF_8));
                if (last.test(message.getSubject())) {
                    return heard;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
