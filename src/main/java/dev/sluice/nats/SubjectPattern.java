package dev.sluice.nats;

import dev.sluice.failure.Failure;

/** A subject to subscribe to. {@code *} matches exactly one token, a trailing {@code >} matches one or more. */
public record SubjectPattern(String value) {

    /**
     * Validates the pattern.
     *
     * @throws dev.sluice.failure.SluiceException {@code BAD_SUBJECT} naming the violated rule, or
     *     {@code RESERVED_SUBJECT}
     */
    public SubjectPattern {
        String[] tokens = SubjectRules.tokens(value);
        for (int i = 0; i < tokens.length; i++) {
            String token = tokens[i];
            if (!wildcard(token) && (token.indexOf('*') >= 0 || token.indexOf('>') >= 0)) {
                throw Failure.BAD_SUBJECT.because(
                        "A wildcard must be a whole token, but " + token + " has other characters");
            }
            if (token.equals(">") && i < tokens.length - 1) {
                throw Failure.BAD_SUBJECT.because("The wildcard > is only allowed as the last token");
            }
        }
    }

    /** Returns whether this pattern matches {@code subject}. */
    public boolean matches(String subject) {
        return covers(value, subject);
    }

    /** Returns whether this pattern matches every subject that {@code other} matches. */
    public boolean covers(SubjectPattern other) {
        return covers(value, other.value);
    }

    /** Returns whether {@code wide}, which may be reserved, matches every subject that this pattern matches. */
    boolean coveredBy(String wide) {
        return covers(wide, value);
    }

    /**
     * Returns whether a token before the first wildcard of both patterns differs. Patterns such as {@code a.*} and
     * {@code a.b.>} also match no subject both, but a consumer of nats-server 2.10 with both as its filters skips the
     * messages on {@code a.b}.
     */
    boolean differsBeforeWildcards(SubjectPattern other) {
        String[] one = value.split("\\.", -1);
        String[] two = other.value.split("\\.", -1);
        for (int i = 0; i < Math.min(one.length, two.length); i++) {
            if (wildcard(one[i]) || wildcard(two[i])) {
                return false;
            }
            if (!one[i].equals(two[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean wildcard(String token) {
        return token.equals("*") || token.equals(">");
    }

    /**
     * Returns whether {@code wide} matches every subject that {@code narrow} matches. Both may be reserved. Compares token
     * by token: a wildcard covers {@code *} in {@code narrow}; only {@code >} covers {@code >}.
     */
    public static boolean covers(String wide, String narrow) {
        int w = 0;
        int n = 0;
        while (w <= wide.length() && n <= narrow.length()) {
            int wEnd = tokenEnd(wide, w);
            int nEnd = tokenEnd(narrow, n);
            if (is('>', wide, w, wEnd)) {
                return true;
            }
            if (is('>', narrow, n, nEnd)) {
                return false;
            }
            boolean sameToken = wEnd - w == nEnd - n && wide.regionMatches(w, narrow, n, nEnd - n);
            if (!sameToken && !is('*', wide, w, wEnd)) {
                return false;
            }
            w = wEnd + 1;
            n = nEnd + 1;
        }
        return w > wide.length() && n > narrow.length();
    }

    private static int tokenEnd(String subject, int from) {
        int dot = subject.indexOf('.', from);
        return dot < 0 ? subject.length() : dot;
    }

    private static boolean is(char wildcard, String subject, int from, int end) {
        return end - from == 1 && subject.charAt(from) == wildcard;
    }

    @Override
    public String toString() {
        return value;
    }
}
