package dev.sluice.access;

import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.AckSubject;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Issues and verifies ack tokens. A client receives one with each delivery in place of the ack subject, and can use it
 * at any instance. A client never supplies a subject: the content of a genuine token is parsed as the fields of an ack
 * subject, which must belong to the consumer that the client may use.
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

    /**
     * Returns the ack subject in {@code token}; empty if the token is forged, altered, or not from a delivery of
     * {@code consumer}.
     */
    public Optional<AckSubject> open(String token, ConsumerRef consumer) {
        return signer.verify(token)
                .flatMap(fields -> AckSubject.ofFields(new String(fields, StandardCharsets.UTF_8)))
                .filter(position -> position.isOf(consumer));
    }
}
