package dev.sluice.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** HTTP/1.1 on its own socket. It sends exactly the given bytes and reads from the socket only on request. */
public final class HttpExchange implements AutoCloseable {
    private static final int DEFAULT_RECEIVE_BUFFER = 1 << 18;
    private static final int NO_CONTENT = 204;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private int status;
    private long left;
    private boolean chunked;
    private boolean untilClosed;

    public HttpExchange(int port) {
        this(port, DEFAULT_RECEIVE_BUFFER);
    }

    public HttpExchange(int port, int receiveBuffer) {
        try {
            socket.setReceiveBufferSize(receiveBuffer);
            socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
            within(Duration.ofSeconds(60));
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the read timeout. */
    public HttpExchange within(Duration limit) {
        try {
            socket.setSoTimeout((int) limit.toMillis());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public HttpExchange send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public HttpExchange send(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends {@code text} as one chunk of a chunked body. An empty chunk ends the body. */
    public HttpExchange chunk(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(bytes.length + 16);
        chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
        chunk.writeBytes(bytes);
        chunk.writeBytes(new byte[] {'\r', '\n'});
        return send(chunk.toByteArray());
    }

    /** Reads the status line and the headers of the response. The body of an HTTP/1.0 one may end with the connection. */
    public HttpExchange head() {
        try {
            String first = line();
            status = Integer.parseInt(first.split(" ")[1]);
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
            chunked = "chunked".equalsIgnoreCase(headers.get("transfer-encoding"));
            String length = headers.get("content-length");
            untilClosed = length == null && first.startsWith("HTTP/1.0") && status != NO_CONTENT;
            if (untilClosed) {
                left = Long.MAX_VALUE;
            } else {
                left = chunked || length == null ? 0 : Long.parseLong(length);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int status() {
        return status;
    }

    public String header(String name) {
        return headers.get(name);
    }

    public String body() {
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int b = read(); b >= 0; b = read()) {
                body.write(b);
            }
            return body.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the next line of the body without its line break, or null at the regular end of the body. */
    public String bodyLine() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int b = read();
            if (b < 0) {
                return null;
            }
            for (; b >= 0 && b != '\n'; b = read()) {
                line.write(b);
            }
            return line.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the next byte of the body, or -1 at its regular end. */
    public int read() throws IOException {
        if (chunked && left == 0) {
            left = Long.parseLong(line(), 16);
            if (left == 0) {
                line();
                chunked = false;
            }
        }
        if (left == 0) {
            return -1;
        }
        int b = in.read();
        if (b < 0 && untilClosed) {
            left = 0;
            return b;
        }
        if (b < 0) {
            throw new EOFException("The connection broke within the body");
        }
        if (--left == 0 && chunked) {
            line();
        }
        return b;
    }

    /** Ends the sending side of the connection and reads until the server closes the other one. */
    public void halfClose() {
        try (socket) {
            socket.shutdownOutput();
            in.transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("The connection broke within " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
