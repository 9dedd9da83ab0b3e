package dev.sluice.nats;

import dev.sluice.failure.Failure;

/**
 * A literal subject that passed every rule: what a message may be published to. Checked once at the edge, so that
 * nothing behind it can smuggle a wildcard, a line break or one of NATS' own subjects into the protocol.
 */
public record Subject(String value) {

    /**
     * Checks the rules.
     *
     * @throws dev.sluice.failure.SluiceException {@code BAD_SUBJECT} naming the broken rule, or {@code RESERVED_SUBJECT}
     */
    public Subject {
        for (String token : SubjectRules.tokens(value)) {
            if (token.indexOf('*') >= 0 || token.indexOf('>') >= 0) {
                throw Failure.BAD_SUBJECT.because("A subject to publish to has no wildcard: no * and no >");
            }
        }
    }

    /** Whether {@code subject}, which may be anything, belongs to NATS itself. */
    public static boolean reserved(String subject) {
        return SubjectRules.reserved(subject);
    }

    /** Whether the subject is one token: such flat names give wildcards nothing to hold on to. */
    public boolean flat() {
        return value.indexOf('.') < 0;
    }

    @Override
    public String toString() {
        return value;
    }
}
