package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Runs the application under test in an account without JetStream that imports another account's JetStream under its
 * own prefix.
 */
public final class ImportedJetStreamResource implements QuarkusTestResourceLifecycleManager {
    private static final String CONFIGURATION = """
            accounts {
              STREAMS {
                jetstream: enabled
                users: [ { user: streams, password: secret } ]
                exports: [
                  { service: "$JS.API.>", response_type: stream }
                  { service: "$JS.ACK.>" }
                  { service: "$KV.>" }
                  { service: "$O.>" }
                  { service: "work.>" }
                  { service: "orders.>" }
                  { service: "dead.>" }
                  { service: "notes.>" }
                  { service: "batch.>" }
                ]
              }
              SLUICE {
                users: [ { user: sluice, password: secret } ]
                imports: [
                  { service: { account: STREAMS, subject: "$JS.API.STREAM.>" }, to: "$STREAMS.API.STREAM.>" }
                  { service: { account: STREAMS, subject: "$JS.API.CONSUMER.>" }, to: "$STREAMS.API.CONSUMER.>" }
                  { service: { account: STREAMS, subject: "$JS.API.DIRECT.>" }, to: "$STREAMS.API.DIRECT.>" }
                  { service: { account: STREAMS, subject: "$JS.API.INFO" }, to: "$STREAMS.API.INFO" }
                  { service: { account: STREAMS, subject: "$KV.>" }, to: "$STREAMS.API.$KV.>" }
                  { service: { account: STREAMS, subject: "$O.>" } }
                  { service: { account: STREAMS, subject: "$JS.ACK.>" } }
                  { service: { account: STREAMS, subject: "work.>" } }
                  { service: { account: STREAMS, subject: "orders.>" } }
                  { service: { account: STREAMS, subject: "dead.>" } }
                  { service: { account: STREAMS, subject: "notes.>" } }
                  { service: { account: STREAMS, subject: "batch.>" } }
                ]
              }
            }
            """;

    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started(CONFIGURATION);
        return Map.of(
                "sluice.nats.servers", server.url(),
                "sluice.nats.user", "sluice",
                "sluice.nats.password", "secret",
                "sluice.pull.api-prefix", "$STREAMS.API",
                "sluice.publish.deadline", "2s",
                "sluice.topology.streams.WORK.subjects", "work.>");
    }

    @Override
    public void stop() {
        server.close();
    }
}
