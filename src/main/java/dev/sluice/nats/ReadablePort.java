package dev.sluice.nats;

import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The socket of a connection, through {@link ReadableInput}. jnats makes one by its name for each attempt to connect. */
@RegisterForReflection
public final class ReadablePort extends SocketDataPortWithWriteTimeout {
    private @Nullable InputStream plain;
    private @Nullable ReadableInput readable;

    /** The stream underneath becomes another one when the connection turns to TLS. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        ReadableInput reading = readable;
        if (reading == null || plain != in) {
            plain = in;
            reading = new ReadableInput(in);
            readable = reading;
        }
        return reading.read(target, offset, length);
    }
}
