package dev.sluice.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A NATS client that sends arbitrary bytes, including invalid ones. */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answers;

    public RawClient(NatsServer server) {
        this(server.port());
    }

    /** Connects to the broker's first server. */
    public RawClient(Broker broker) {
        this(URI.create(broker.urls().split(",")[0]).getPort());
    }

    private RawClient(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            answers.readLine();
            send("CONNECT {\"verbose\":false,\"headers\":true}\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void publish(String subject, String text) {
        send("PUB " + subject + " " + bytes(text) + "\r\n" + text + "\r\n");
    }

    /** @param headers header lines without the version line, each terminated by CRLF; sent unchanged */
    public void publish(String subject, String headers, String text) {
        publishBlock(subject, "NATS/1.0\r\n" + headers + "\r\n", text);
    }

    /** @param block the header block including version line and empty line; sent unchanged */
    public void publishBlock(String subject, String block, String text) {
        int size = bytes(block);
        send("HPUB " + subject + " " + size + " " + (size + bytes(text)) + "\r\n" + block + text + "\r\n");
    }

    /** Waits until the server has processed everything sent before. */
    public void flush() {
        try {
            send("PING\r\n");
            String answer = answers.readLine();
            while (!"PONG".equals(answer)) {
                if (answer == null || answer.startsWith("-ERR")) {
                    throw new IllegalStateException("The server says " + answer);
                }
                answer = answers.readLine();
            }
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

    private void send(String bytes) {
        try {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
