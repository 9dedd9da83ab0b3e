package dev.sluice.nats;

import dev.sluice.failure.Failure;

/**
 * A validated literal subject to publish to. Subjects are checked once at the edge, so that no later code can pass a
 * wildcard, a line break or a reserved NATS subject into the protocol.
 */
public record Subject(String value) {
    /** Prefix of the subjects of all inboxes. */
    static final String INBOX = "_INBOX.";

    /**
     * Validates the subject.
     *
     * @throws dev.sluice.failure.SluiceException {@code BAD_SUBJECT} naming the violated rule, or
     *     {@code RESERVED_SUBJECT}
     */
    public Subject {
        SubjectRules.check(value);
        if (value.indexOf('*') >= 0 || value.indexOf('>') >= 0) {
            throw Failure.BAD_SUBJECT.because("A subject to publish to must not have a wildcard (* or >)");
        }
    }

    /** Returns whether {@code subject}, which may be any text, is reserved by NATS. */
    public static boolean reserved(String subject) {
        return subject.startsWith("$") || subject.startsWith(INBOX) || subject.equals("_INBOX");
    }

    /** Returns whether the subject is a single token. Wildcards cannot select a part of such flat names. */
    public boolean flat() {
        return value.indexOf('.') < 0;
    }

    @Override
    public String toString() {
        return value;
    }
}
