package dev.sluice.http.state;

import dev.sluice.failure.Failure;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/**
 * The preconditions of a request (RFC 9110, section 13), and the rules of each method. A header that asks for a
 * condition that would not be checked is rejected: the client would take the write for a safe one.
 */
record Preconditions(Optional<EntityTags> ifMatch, Optional<EntityTags> ifNoneMatch) {
    private static final String IF_UNMODIFIED_SINCE = "If-Unmodified-Since";

    static Preconditions ofGet(MultiMap headers) {
        return new Preconditions(tags(headers, HttpHeaders.IF_MATCH), tags(headers, HttpHeaders.IF_NONE_MATCH));
    }

    /**
     * Returns the preconditions of a write: either {@code If-None-Match: *} or {@code If-Match}, or none.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}; also for {@code Content-Range}: its sender means to write
     *     a part, not to replace the whole (section 14.5)
     */
    static Preconditions ofPut(MultiMap headers) {
        if (headers.contains(HttpHeaders.CONTENT_RANGE)) {
            throw Failure.INVALID.because("The header Content-Range has no meaning here: a PUT replaces the whole");
        }
        Preconditions preconditions = ofGet(headers);
        preconditions.requireNoDate(headers);
        if (preconditions.ifNoneMatch.isPresent() && (!preconditions.creates() || preconditions.ifMatch.isPresent())) {
            throw Failure.INVALID.because(
                    "A write takes either If-None-Match: * or If-Match with the ETag of the value");
        }
        return preconditions;
    }

    /**
     * Returns the preconditions of a deletion: {@code If-Match}, or none.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}
     */
    static Preconditions ofDelete(MultiMap headers) {
        if (headers.contains(HttpHeaders.IF_NONE_MATCH)) {
            throw Failure.INVALID.because("If-None-Match has no meaning for a deletion; use If-Match");
        }
        Preconditions preconditions = ofGet(headers);
        preconditions.requireNoDate(headers);
        return preconditions;
    }

    /** Returns whether a write must create the value. */
    boolean creates() {
        return ifNoneMatch.filter(EntityTags::any).isPresent();
    }

    /** A value can change several times in a second. RFC 9110 ignores the date beside {@code If-Match}. */
    private void requireNoDate(MultiMap headers) {
        if (headers.contains(IF_UNMODIFIED_SINCE) && ifMatch.isEmpty()) {
            throw Failure.INVALID.because(
                    "The header If-Unmodified-Since is not supported; use If-Match with the ETag");
        }
    }

    private static Optional<EntityTags> tags(MultiMap headers, CharSequence name) {
        return EntityTags.parse(name.toString(), headers.getAll(name));
    }
}
