package dev.sluice.nats;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server's word that our own user may not subscribe to a subject, said when it is subscribed or when a reload takes
 * the permission away. As for {@link DeniedPublish}, NATS has no code for it: this is the one place that reads the
 * sentence. Servers before 2.11 do not name the queue group when a reload takes it away.
 *
 * @param subject the pattern as it was subscribed
 * @param queueGroup as the server names it
 * @param anyGroup whether it may be of a queue group that the server does not name
 */
public record DeniedSubscription(String subject, Optional<String> queueGroup, boolean anyGroup) {
    private static final Pattern SENTENCE = Pattern.compile(
            "Permissions Violation for Subscription to \"(.+?)\"(?: using queue \"(.+?)\")?( \\(sid \"[^\"]*\"\\))?");
    private static final String TOO_MANY = "maximum subscriptions exceeded";

    /** Reads what the server reported, if it is such a word. */
    static Optional<DeniedSubscription> read(String error) {
        Matcher sentence = SENTENCE.matcher(error);
        if (!sentence.matches()) {
            return Optional.empty();
        }
        String subject = DeniedPublish.unquoted(sentence.group(1));
        String named = sentence.group(2);
        String group = named == null ? null : DeniedPublish.unquoted(named);
        if (subject == null || (named != null && group == null)) {
            return Optional.empty();
        }
        boolean anyGroup = group == null && sentence.group(3) != null;
        return Optional.of(new DeniedSubscription(subject, Optional.ofNullable(group), anyGroup));
    }

    /** Whether the server says that the connection or the account has as many subscriptions as it may; not which is one too many. */
    static boolean tooMany(String error) {
        return error.equalsIgnoreCase(TOO_MANY);
    }

    /** Whether it is about a subscription to {@code pattern} in {@code group}. */
    public boolean concerns(String pattern, Optional<String> group) {
        return subject.equals(pattern) && (anyGroup || queueGroup.equals(group));
    }
}
