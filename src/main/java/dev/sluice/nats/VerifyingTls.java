package dev.sluice.nats;

import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A TLS context whose sockets verify the host name in the certificate and enforce a minimum TLS version. jnats creates
 * sockets from a context without further parameters, and an {@link SSLContext} accepts neither setting, so it is
 * wrapped.
 */
final class VerifyingTls extends SSLContextSpi {
    private final SSLContext context;
    private final SSLParameters parameters;

    private VerifyingTls(SSLContext context, SSLParameters parameters) {
        this.context = context;
        this.parameters = parameters;
    }

    /** @param oldest the minimum version, {@code TLSv1.2} or {@code TLSv1.3} */
    static SSLContext around(SSLContext context, String oldest) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(
                oldest.equals("TLSv1.3") ? new String[] {"TLSv1.3"} : new String[] {"TLSv1.3", "TLSv1.2"});
        VerifyingTls verifying = new VerifyingTls(context, parameters);
        return new SSLContext(verifying, context.getProvider(), context.getProtocol()) {};
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new VerifyingSocketFactory(context.getSocketFactory(), parameters);
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return parameters;
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return context.getSupportedSSLParameters();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return verifying(context.createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return verifying(context.createSSLEngine(host, port));
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return context.getClientSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return context.getServerSessionContext();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("Sluice is only a client of NATS");
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
        throw new IllegalStateException("This context is complete");
    }

    private SSLEngine verifying(SSLEngine engine) {
        engine.setSSLParameters(parameters);
        return engine;
    }
}
