package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.Certificates;
import dev.sluice.support.MutualTlsResource;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** The edge with a configuration that requires client certificates in addition to tokens. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SecuredResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = MutualTlsResource.class, restrictToAnnotatedClass = true)
class MutualTlsIT {
    private static final char[] PASSWORD = Certificates.PASSWORD.toCharArray();

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource(value = "/v1/publish/logs.web.info?ack=none", tls = true)
    URI publish;

    Certificates certificates;

    Path trusting;

    @Test
    void acceptsACallerWithACertificateAndAToken() throws Exception {
        assertThat(status(client(identity("client")), "Bearer " + issuer.token("web")))
                .isEqualTo(202);
    }

    @Test
    void rejectsACertificateWithoutAToken() throws Exception {
        assertThat(status(client(identity("client")), "Bearer none")).isEqualTo(401);
    }

    @Test
    void rejectsAClientWithoutACertificate() throws Exception {
        HttpClient without = client();

        assertThatThrownBy(() -> status(without, "Bearer " + issuer.token("web")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void rejectsAnUntrustedCertificate() throws Exception {
        HttpClient stranger = client(identity("stranger"));

        assertThatThrownBy(() -> status(stranger, "Bearer " + issuer.token("web")))
                .isInstanceOf(IOException.class);
    }

    private int status(HttpClient client, String authorization) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(publish)
                                .header("Authorization", authorization)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private HttpClient client(KeyManager... identity) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(read(trusting));
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(identity, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }

    private KeyManager[] identity(String name) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(read(certificates.store(name)), PASSWORD);
        return keys.getKeyManagers();
    }

    private static KeyStore read(Path store) throws Exception {
        return KeyStore.getInstance(store.toFile(), PASSWORD);
    }
}
