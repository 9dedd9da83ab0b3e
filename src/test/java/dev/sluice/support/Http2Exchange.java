package dev.sluice.support;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One HTTP/2 exchange on its own connection, frame by frame. The test controls the frames, including empty ones and
 * resets, and the server's flow-control window.
 */
public final class Http2Exchange implements AutoCloseable {
    public static final int NO_ERROR = 0;
    public static final int INTERNAL_ERROR = 2;
    public static final int CANCEL = 8;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int ACK_OR_END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_BYTES = 5;
    private static final int STREAM = 1;
    private static final int MAX_FRAME = 16_384;

    /** How a response ended. */
    public enum End {
        /** With END_STREAM: the response is complete. */
        WHOLE,
        /** With RST_STREAM. */
        RESET,
        /** By GOAWAY with an error, or by the end of the connection. */
        CONNECTION_CLOSED
    }

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final boolean granting;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Http2Headers head = new DefaultHttp2Headers();
    private ByteArrayOutputStream block = new ByteArrayOutputStream();
    private long sendWindow = 65_535;
    private long connectionWindow = 65_535;
    private long initialWindow = 65_535;
    private End end;
    private long code = -1;
    private boolean sentAway;

    /** Creates a client that reads everything, with the default window. */
    public Http2Exchange(int port) {
        this(port, 65_535, true);
    }

    /**
     * @param window the initial window of the response in bytes
     * @param granting whether the window is extended as data is read, so that the response continues
     */
    public Http2Exchange(int port, int window, boolean granting) {
        this.granting = granting;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
            within(Duration.ofSeconds(60));
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            frame(
                    SETTINGS,
                    0,
                    0,
                    ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the read timeout. */
    public Http2Exchange within(Duration limit) {
        try {
            socket.setSoTimeout((int) limit.toMillis());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param headers alternating names and values */
    public Http2Exchange request(String method, String path, boolean last, String... headers) {
        Http2Headers request = new DefaultHttp2Headers();
        request.method(method).path(path).scheme("http").authority("localhost");
        for (int i = 0; i < headers.length; i += 2) {
            request.add(headers[i].toLowerCase(java.util.Locale.ROOT), headers[i + 1]);
        }
        ByteBuf encoded = Unpooled.buffer();
        try {
            encoder.encodeHeaders(STREAM, request, encoded);
        } catch (Http2Exception e) {
            throw new IllegalArgumentException(e);
        }
        frame(HEADERS, END_HEADERS | (last ? ACK_OR_END_STREAM : 0), STREAM, ByteBufUtil.getBytes(encoded));
        return this;
    }

    /** Sends DATA frames of at most 16 KiB within the server's flow-control window. Empty data is sent as one frame. */
    public Http2Exchange data(byte[] bytes, boolean last) {
        int at = 0;
        do {
            int size = Math.min(bytes.length - at, MAX_FRAME);
            while (size > Math.min(sendWindow, connectionWindow) && end == null) {
                readFrame();
            }
            if (end != null) {
                return this;
            }
            byte[] part = new byte[size];
            System.arraycopy(bytes, at, part, 0, size);
            at += size;
            sendWindow -= size;
            connectionWindow -= size;
            frame(DATA, last && at == bytes.length ? ACK_OR_END_STREAM : 0, STREAM, part);
        } while (at < bytes.length);
        return this;
    }

    public Http2Exchange data(String text, boolean last) {
        return data(text.getBytes(StandardCharsets.UTF_8), last);
    }

    public Http2Exchange reset(int errorCode) {
        frame(RST_STREAM, 0, STREAM, ByteBuffer.allocate(4).putInt(errorCode).array());
        return this;
    }

    /** Extends the windows of the response and of the connection. */
    public Http2Exchange grant(int bytes) {
        byte[] increment = ByteBuffer.allocate(4).putInt(bytes).array();
        frame(WINDOW_UPDATE, 0, STREAM, increment);
        frame(WINDOW_UPDATE, 0, 0, increment);
        return this;
    }

    /** Waits until the server has processed all frames sent before, by a ping. */
    public Http2Exchange fence() {
        frame(PING, 0, 0, new byte[8]);
        pong = false;
        while (!pong && end != End.CONNECTION_CLOSED) {
            readFrame();
        }
        return this;
    }

    private boolean pong;

    /** Reads the response head. */
    public Http2Exchange head() {
        while (head.status() == null && end == null) {
            readFrame();
        }
        return this;
    }

    /** Reads until at least {@code size} bytes of the body have arrived, or until the end. */
    public Http2Exchange read(int size) {
        while (body.size() < size && end == null) {
            readFrame();
        }
        return this;
    }

    /** Reads until the response ends in any way. */
    public Http2Exchange finish() {
        while (end == null) {
            readFrame();
        }
        return this;
    }

    public int status() {
        return head.status() == null ? 0 : Integer.parseInt(head.status().toString());
    }

    public String header(String name) {
        CharSequence value = head.get(name);
        return value == null ? null : value.toString();
    }

    /** Returns the received part of the body. */
    public String body() {
        return body.toString(StandardCharsets.UTF_8);
    }

    /** Returns the complete lines of the received body. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int from = 0;
        String text = body();
        for (int to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
            lines.add(text.substring(from, to));
            from = to + 1;
        }
        return lines;
    }

    /** Returns how the response ended, or null if it has not ended. */
    public End end() {
        return end;
    }

    /** Returns the error code of the reset, or -1 if there was none. */
    public long code() {
        return code;
    }

    /** Returns whether the server has sent a GOAWAY without an error: a request for no further streams. */
    public boolean sentAway() {
        return sentAway;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readFrame() {
        try {
            int start = in.readInt();
            int length = start >>> 8;
            int type = start & 0xFF;
            int flags = in.readUnsignedByte();
            updatedStream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            take(type, flags, payload);
        } catch (EOFException | java.net.SocketException closed) {
            end = End.CONNECTION_CLOSED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(int type, int flags, byte[] payload) throws Http2Exception {
        boolean flag = (flags & ACK_OR_END_STREAM) != 0;
        switch (type) {
            case DATA -> {
                body.writeBytes(payload);
                if (granting && payload.length > 0 && !flag) {
                    grant(payload.length);
                }
                endIf(flag);
            }
            case HEADERS, CONTINUATION -> {
                int from = type == HEADERS && (flags & PRIORITY) != 0 ? PRIORITY_BYTES : 0;
                block.write(payload, from, payload.length - from);
                if ((flags & END_HEADERS) != 0) {
                    head = decoder.decodeHeaders(STREAM, Unpooled.wrappedBuffer(block.toByteArray()));
                    block = new ByteArrayOutputStream();
                }
                endIf(type == HEADERS && flag);
            }
            case RST_STREAM -> {
                code = ByteBuffer.wrap(payload).getInt();
                if (end == null) {
                    end = End.RESET;
                }
            }
            case SETTINGS -> settings(flag, payload);
            case PING -> {
                if (flag) {
                    pong = true;
                } else {
                    frame(PING, ACK_OR_END_STREAM, 0, payload);
                }
            }
            case GOAWAY -> {
                if (ByteBuffer.wrap(payload, 4, 4).getInt() == NO_ERROR) {
                    sentAway = true;
                } else if (end == null) {
                    end = End.CONNECTION_CLOSED;
                }
            }
            case WINDOW_UPDATE -> windowUpdate(payload);
            default -> {}
        }
    }

    private void endIf(boolean last) {
        if (last) {
            end = End.WHOLE;
        }
    }

    private void settings(boolean ack, byte[] payload) {
        if (ack) {
            return;
        }
        ByteBuffer settings = ByteBuffer.wrap(payload);
        while (settings.hasRemaining()) {
            int name = settings.getShort();
            int value = settings.getInt();
            if (name == 4) {
                sendWindow += value - initialWindow;
                initialWindow = value;
            }
        }
        frame(SETTINGS, ACK_OR_END_STREAM, 0, new byte[0]);
    }

    private int updatedStream;

    private void windowUpdate(byte[] payload) {
        int increment = ByteBuffer.wrap(payload).getInt();
        if (updatedStream == 0) {
            connectionWindow += increment;
        } else {
            sendWindow += increment;
        }
    }

    private void frame(int type, int flags, int stream, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        try {
            out.write(frame.array());
            out.flush();
        } catch (IOException e) {
            if (end == null) {
                end = End.CONNECTION_CLOSED;
            }
        }
    }
}
