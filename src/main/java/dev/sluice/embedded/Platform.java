package dev.sluice.embedded;

import java.io.File;
import java.util.Locale;

/** Operating system and processor architecture, in the terms of nats-server's release archives. */
record Platform(String os, String architecture) {
    static final boolean POSIX = File.separatorChar == '/';
    static final String EXECUTABLE = POSIX ? "nats-server" : "nats-server.exe";

    static Platform current() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return new Platform(
                os.startsWith("mac") ? "darwin" : os.startsWith("windows") ? "windows" : os,
                switch (System.getProperty("os.arch", "")) {
                    case "amd64", "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> System.getProperty("os.arch", "");
                });
    }

    @Override
    public String toString() {
        return os + "-" + architecture;
    }
}
