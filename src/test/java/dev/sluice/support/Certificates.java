package dev.sluice.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Certificates and keys for one test, made by the JDK's keytool: as a key store for Java and as PEM for nats-server.
 */
public final class Certificates {
    public static final String PASSWORD = "changeit";
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final Path folder;

    public Certificates(Path folder) {
        this.folder = folder;
    }

    /**
     * Creates {@code name.p12}, {@code name.pem} and {@code name-key.pem} with a self-signed certificate.
     *
     * @param alternativeName the subject alternative name, such as {@code dns:localhost} or {@code ip:127.0.0.1}
     * @return the PKCS#12 file with certificate and key
     */
    public Path make(String name, String alternativeName) {
        Path store = store(name);
        keytool("-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-validity", "2")
                .with("-ext", "san=" + alternativeName, "-keystore", store.toString(), "-storepass", PASSWORD)
                .run();
        writePem(store, name);
        return store;
    }

    /** Creates a PKCS#12 trust store with the certificate {@code name}. */
    public Path trusting(String name) {
        Path store = folder.resolve("trust-" + name + ".p12");
        keytool(
                        "-importcert",
                        "-noprompt",
                        "-alias",
                        name,
                        "-file",
                        certificate(name).toString())
                .with("-keystore", store.toString(), "-storepass", PASSWORD)
                .run();
        return store;
    }

    /** Returns the PKCS#12 file with certificate and key. */
    public Path store(String name) {
        return folder.resolve(name + ".p12");
    }

    public Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    public Path key(String name) {
        return folder.resolve(name + "-key.pem");
    }

    private void writePem(Path store, String name) {
        try {
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            Certificate certificate = keys.getCertificate(name);
            Key key = keys.getKey(name, PASSWORD.toCharArray());
            Files.writeString(certificate(name), pem("CERTIFICATE", certificate.getEncoded()));
            Files.writeString(key(name), pem("PRIVATE KEY", key.getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n" + PEM.encodeToString(content) + "\n-----END " + what + "-----\n";
    }

    private static Command keytool(String... arguments) {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        return new Command(new ArrayList<>(List.of(keytool.toString()))).with(arguments);
    }

    private record Command(List<String> words) {
        Command with(String... more) {
            words.addAll(List.of(more));
            return this;
        }

        void run() {
            try {
                Process process = new ProcessBuilder(words).inheritIO().start();
                if (process.waitFor() != 0) {
                    throw new IllegalStateException("keytool failed: " + words);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
