package dev.sluice.http.problem;

import dev.sluice.failure.Failure;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.ResponseHeader;
import org.jboss.resteasy.reactive.RestPath;

/** The page at the address of a problem type (RFC 9457, section 3.1.1). */
@Path("/problems/{name}")
public final class ProblemPage {
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>%1$s</title>
            <h1>%1$s</h1>
            <p><code>%2$s</code>, usually with status %3$d</p>
            <p>%4$s</p>
            </html>
            """;

    @GET
    @Produces(MediaType.TEXT_HTML)
    @ResponseHeader(name = "Content-Security-Policy", value = "default-src 'none'")
    public String explain(@RestPath String name) {
        for (ProblemType type : ProblemType.values()) {
            if (type.slug().equals(name)) {
                return PAGE.formatted(type.title(), type.slug(), type.status(), ProblemAdvice.of(type));
            }
        }
        throw Failure.NOT_FOUND.because("There is no such problem type");
    }
}
