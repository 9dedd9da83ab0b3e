package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real nats-server with the user that {@code docs/DEPLOY.md} documents. */
public final class DocumentedUserResource implements QuarkusTestResourceLifecycleManager {
    private static final String BEFORE = "```\nauthorization {";

    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started(block());
        return Map.of(
                "sluice.nats.servers",
                server.url(),
                "sluice.nats.user",
                "sluice",
                "sluice.nats.password",
                "secret",
                "sluice.topology.streams.WORK.subjects",
                "work.>");
    }

    @Override
    public void stop() {
        server.close();
    }

    private static String block() {
        try {
            String document = Files.readString(Path.of("docs/DEPLOY.md"));
            int begin = document.indexOf(BEFORE) + "```\n".length();
            return document.substring(begin, document.indexOf("```", begin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
