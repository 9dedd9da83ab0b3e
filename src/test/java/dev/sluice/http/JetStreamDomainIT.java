package dev.sluice.http;

import static org.hamcrest.Matchers.endsWith;

import dev.sluice.support.JetStreamDomainResource;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** JetStream of another domain, behind a leaf node. */
@QuarkusTest
@QuarkusTestResource(value = JetStreamDomainResource.class, restrictToAnnotatedClass = true)
class JetStreamDomainIT extends OtherApiPrefixWork {

    @NatsServerResource.Server
    NatsServer hub;

    /** The leaf node's own JetStream has no such stream and is not asked. */
    @Test
    void isUnavailableWhileTheDomainIsUnreachable() {
        hub.kill();
        try {
            publish("/v1/publish/work.a", "text/plain", "x").statusCode(503).body("type", endsWith("/unavailable"));
        } finally {
            hub.start();
        }
    }
}
