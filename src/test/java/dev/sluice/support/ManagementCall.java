package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A call of the JetStream management of the NATS client, whose checked exceptions become unchecked ones. */
public interface ManagementCall<T> {
    T on(JetStreamManagement management) throws IOException, JetStreamApiException;

    /** Makes the call on this connection. */
    static <T> T make(Connection connection, ManagementCall<T> call) {
        try {
            return call.on(connection.jetStreamManagement());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }
}
