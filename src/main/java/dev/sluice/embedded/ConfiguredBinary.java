package dev.sluice.embedded;

import java.nio.file.Path;

/** The nats-server that {@code sluice.embedded.binary} names. */
record ConfiguredBinary(Path path) implements BinarySource {
    @Override
    public String name() {
        return "sluice.embedded.binary";
    }

    @Override
    public ServerBinary find() throws BinaryNotFound, InterruptedException {
        return ServerBinary.probe(path);
    }
}
