package dev.sluice.nats;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Creates the TLS context of a connection. The context of jnats is not used: jnats never verifies host names, trusts
 * every certificate for some URLs and cannot be limited to TLS 1.3.
 */
final class TlsContext {
    private static final String PREFIX = "sluice.nats.tls.";

    private TlsContext() {}

    /**
     * Returns whether {@code tls} or the URLs require TLS.
     *
     * @throws ConfigurationException if TLS is disabled but required by another key or a URL
     */
    static boolean wanted(NatsConfig.Tls tls, ServerList servers) {
        boolean asked = servers.secure()
                || tls.handshakeFirst()
                || tls.truststoreFile().isPresent()
                || tls.keystoreFile().isPresent();
        if (asked && !tls.enabled().orElse(true)) {
            throw new ConfigurationException(
                    PREFIX + "enabled is false, but another key of sluice.nats.tls or a server URL asks for TLS");
        }
        return tls.enabled().orElse(asked);
    }

    /** @throws ConfigurationException if a store cannot be opened; names the key */
    static SSLContext of(NatsConfig.Tls tls) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(tls), trust(tls), null);
            return VerifyingTls.around(context, tls.minVersion());
        } catch (GeneralSecurityException e) {
            throw new ConfigurationException("sluice.nats.tls: " + e.getMessage());
        }
    }

    private static TrustManager @Nullable [] trust(NatsConfig.Tls tls) throws GeneralSecurityException {
        if (tls.truststoreFile().isEmpty()) {
            return null;
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store(
                PREFIX + "truststore-file",
                tls.truststoreFile().orElseThrow(),
                tls.truststorePassword(),
                tls.truststoreType()));
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(NatsConfig.Tls tls) throws GeneralSecurityException {
        if (tls.keystoreFile().isEmpty()) {
            return null;
        }
        KeyStore store = store(
                PREFIX + "keystore-file", tls.keystoreFile().orElseThrow(), tls.keystorePassword(), tls.keystoreType());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, characters(tls.keystorePassword()));
        return factory.getKeyManagers();
    }

    private static KeyStore store(String key, Path file, Optional<String> password, Optional<String> type) {
        try {
            return type.isPresent()
                    ? load(KeyStore.getInstance(type.orElseThrow()), file, password)
                    : KeyStore.getInstance(file.toFile(), characters(password));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigurationException(key + ": cannot open " + file + ": " + e.getMessage());
        }
    }

    private static KeyStore load(KeyStore store, Path file, Optional<String> password)
            throws IOException, GeneralSecurityException {
        try (InputStream content = Files.newInputStream(file)) {
            store.load(content, characters(password));
            return store;
        }
    }

    private static char @Nullable [] characters(Optional<String> password) {
        return password.map(String::toCharArray).orElse(null);
    }
}
