package dev.sluice.nats;

import io.nats.client.Options;
import io.nats.client.impl.SocketDataPort;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a connection, read through {@link LenientInputStream}. Counts its traffic and can be abandoned without
 * waiting for the peer. jnats creates an instance by class name for each connection attempt.
 */
@RegisterForReflection
public final class LenientDataPort extends SocketDataPort {
    /** Maximum size of one socket write. Splitting large writes distinguishes a slow write from a stuck one. */
    private static final int WRITE_SLICE = 32 << 10;

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private volatile boolean writing;
    private @Nullable LinkSession session;
    private @Nullable InputStream plain;
    private @Nullable LenientInputStream readable;
    private volatile @Nullable Socket tcp;
    private volatile boolean securing;

    @Override
    public void afterConstruct(Options options) {
        super.afterConstruct(options);
        session = options.getConnectionListener() instanceof LinkSession listening ? listening : null;
    }

    @Override
    public void upgradeToSecure() throws IOException {
        securing = true;
        try {
            opened();
            super.upgradeToSecure();
        } finally {
            securing = false;
            received.incrementAndGet();
        }
    }

    /**
     * Reads from the current stream of the socket, after the messages that were read before have been handled. The stream
     * changes when the connection is upgraded to TLS.
     */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        LinkSession reader = session;
        if (reader != null) {
            reader.readerDispatcher().deliver();
        }
        LenientInputStream reading = readable;
        if (reading == null || plain != in) {
            if (reading == null) {
                opened();
                socket.setSoTimeout(0);
            }
            plain = in;
            reading = new LenientInputStream(
                    new CountedInput(in, received), reader == null ? () -> {} : reader::foreignHeaders);
            readable = reading;
        }
        return reading.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int length) throws IOException {
        for (int from = 0; from < length; from += WRITE_SLICE) {
            int slice = Math.min(WRITE_SLICE, length - from);
            writing = true;
            out.write(source, from, slice);
            written.addAndGet(slice);
            writing = false;
        }
    }

    /**
     * Returns the traffic so far. Any thread. Never blocks.
     *
     * @param pings the number of pings that were sent over this port
     * @param pongs the number of answers
     */
    Traffic traffic(long pings, long pongs) {
        return new Traffic(received.get(), unread(), written.get(), writing, securing, pings, pongs);
    }

    /** Returns whether the socket is not yet open or was closed on this side. */
    boolean closed() {
        Socket open = tcp;
        return open == null || open.isClosed();
    }

    /**
     * Closes the TCP connection; reads and writes in progress fail immediately. Skips the close handshakes of TLS and
     * WebSocket, which would wait for a peer that does not read. Any thread. Never blocks.
     */
    void abandon() {
        Socket abandoned = tcp;
        if (abandoned != null) {
            try {
                abandoned.setSoLinger(true, 0);
                abandoned.close();
            } catch (IOException e) {
                // Already closed.
            }
        }
    }

    /** Records the connected socket. On the first call it is still the plain socket below TLS. */
    private void opened() {
        if (tcp == null) {
            tcp = socket;
            LinkSession opening = session;
            if (opening != null) {
                opening.opened(this);
            }
        }
    }

    /** Returns whether the kernel holds unread data. In that case the local reader is slow, not the peer. */
    private boolean unread() {
        Socket open = tcp;
        try {
            return open != null && open.getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Counts the bytes. */
    private static final class CountedInput extends FilterInputStream {
        private final AtomicLong count;

        CountedInput(InputStream in, AtomicLong count) {
            super(in);
            this.count = count;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                count.addAndGet(read);
            }
            return read;
        }
    }
}
