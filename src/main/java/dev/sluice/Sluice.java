package dev.sluice;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts the service. */
@QuarkusMain
public final class Sluice {
    /** Read once, when the HTTP layer of Quarkus is loaded. */
    private static final String KEEPS_UNQUOTED_URIS = "vertx.disableURIValidation";

    /** Read once by Netty. Makes Netty install {@code RequestHeaderTimeout} and {@code UpgradeFilter} on every connection. */
    private static final String LOADS_EXTENSIONS = "io.netty.bootstrap.extensions";

    private Sluice() {}

    /**
     * Starts the service. Accepts {@code >} and similar characters in a URI without percent-encoding. RFC 3986 requires
     * the encoding, but browsers and curl send {@code ?subject=logs.>} as typed. {@code SubjectPattern} validates
     * subjects.
     */
    public static void main(String... args) {
        System.setProperty(KEEPS_UNQUOTED_URIS, "true");
        System.setProperty(LOADS_EXTENSIONS, "serviceload");
        Quarkus.run(args);
    }
}
