package dev.sluice;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts the service. */
@QuarkusMain
public final class Sluice {
    /** Read once by Quarkus' HTTP layer, when it is loaded. */
    private static final String KEEPS_UNQUOTED_URIS = "vertx.disableURIValidation";

    /** Read once by Netty: has {@code RequestHeaderTimeout} look after every connection. */
    private static final String LOADS_EXTENSIONS = "io.netty.bootstrap.extensions";

    private Sluice() {}

    /**
     * Lets {@code >} and its like through in a URI as they are. RFC 3986 wants them quoted, but browsers and curl send
     * {@code ?subject=logs.>} the way it was typed, and what a subject may hold is checked by {@code SubjectPattern}.
     */
    public static void main(String... args) {
        System.setProperty(KEEPS_UNQUOTED_URIS, "true");
        System.setProperty(LOADS_EXTENSIONS, "serviceload");
        Quarkus.run(args);
    }
}
