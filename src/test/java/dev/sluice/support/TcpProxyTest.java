package dev.sluice.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.TcpProxy.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
    private static final int SHORT_MILLIS = 200;

    private ServerSocket echo;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::answer);
        acceptor.setDaemon(true);
        acceptor.start();
        proxy = TcpProxy.to(echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void passesBytes() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
        }
    }

    @Test
    void delaysEachDirection() throws IOException {
        proxy.delay(Duration.ofMillis(100));
        try (Socket socket = connect()) {
            long begin = System.nanoTime();
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(190));
        }
    }

    @Test
    void cutsInTheMiddleOfAMessage() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
            proxy.cutAfter(Direction.TO_CLIENT, 3);
            socket.getOutputStream().write("world".getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("wor");
        }
    }

    @Test
    void releasesDelayedBytes() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
            proxy.hold();
            assertThatThrownBy(() -> echoed(socket, "world")).isInstanceOf(SocketTimeoutException.class);
            proxy.release();
            assertThat(read(socket, 5)).isEqualTo("world");
        }
    }

    @Test
    void keepsBlackHoledConnectionsDead() throws IOException {
        try (Socket old = connect()) {
            assertThat(echoed(old, "hello")).isEqualTo("hello");
            proxy.blackHole();
            try (Socket within = connect()) {
                await().until(() -> proxy.accepted() == 2);
                proxy.restore();
                assertThatThrownBy(() -> echoed(old, "x")).isInstanceOf(SocketTimeoutException.class);
                assertThatThrownBy(() -> echoed(within, "x")).isInstanceOf(SocketTimeoutException.class);
            }
        }
        try (Socket fresh = connect()) {
            assertThat(echoed(fresh, "hello")).isEqualTo("hello");
        }
    }

    @Test
    void carriesOneDirectionOnly() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
            proxy.halfOpen(Direction.TO_CLIENT);
            assertThatThrownBy(() -> echoed(socket, "x")).isInstanceOf(SocketTimeoutException.class);
        }
        await().until(() -> proxy.living() == 0);
    }

    @Test
    void rejectsConnectionsUntilItIsRestored() throws IOException {
        proxy.refuse();
        try (Socket socket = connect()) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        proxy.restore();
        try (Socket socket = connect()) {
            assertThat(echoed(socket, "hello")).isEqualTo("hello");
        }
    }

    @Test
    void cutsAShareOfTheConnectionsByItsSeed() throws IOException {
        proxy.cutSome(1, 7);
        try (Socket socket = connect()) {
            assertThatThrownBy(() -> {
                        while (true) {
                            echoed(socket, "x".repeat(1000));
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String echoed(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
        if (text.equals("x") || text.equals("world")) {
            socket.setSoTimeout(SHORT_MILLIS);
        }
        return read(socket, text.length());
    }

    private static String read(Socket socket, int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("cut after " + bytes.length);
        }
        return new String(bytes, UTF_8);
    }

    private void answer() {
        while (!echo.isClosed()) {
            try {
                Socket socket = echo.accept();
                Thread thread = new Thread(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException cut) {
                        return;
                    }
                });
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                if (!echo.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
