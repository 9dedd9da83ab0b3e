package dev.sluice.access;

import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.AckSubject;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a client gets with a delivery in place of its ack subject, and settles it with at any replica. A client never
 * names a subject: what a genuine token holds is read again as the fields of an ack subject, of the consumer that the
 * client may use, or it is no token.
 */
@Singleton
public final class AckTokens {
    private final HmacSigner signer;

    @Inject
    AckTokens(TokenSecret secret) {
        signer = secret.signerFor("ack");
    }

    public String of(AckSubject position) {
        return signer.sign(position.fields().getBytes(StandardCharsets.UTF_8));
    }

    /** What {@code token} settles; empty if it is forged, altered, or not one of a delivery by {@code consumer}. */
    public Optional<AckSubject> open(String token, ConsumerRef consumer) {
        return signer.verify(token)
                .flatMap(fields -> AckSubject.ofFields(new String(fields, StandardCharsets.UTF_8)))
                .filter(position -> position.isOf(consumer));
    }
}
