package dev.sluice.nats;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A permissions violation for a subscription of Sluice's own user. The server reports it when the subscription is made
 * or when a configuration reload revokes the permission. As for {@link DeniedPublish}, NATS has no error code for it;
 * only this class parses the text. Servers before 2.11 do not name the queue group when a reload revokes the
 * permission.
 *
 * @param subject the subscribed pattern
 * @param queueGroup the queue group, if the server names it
 * @param anyGroup whether the subscription may belong to a queue group that the server does not name
 */
public record DeniedSubscription(String subject, Optional<String> queueGroup, boolean anyGroup) {
    private static final Pattern SENTENCE = Pattern.compile(
            "Permissions Violation for Subscription to \"(.+?)\"(?: using queue \"(.+?)\")?( \\(sid \"[^\"]*\"\\))?");
    private static final String TOO_MANY = "maximum subscriptions exceeded";

    /** Parses an error text of the server. Returns empty if it is a different error. */
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

    /**
     * Returns whether the server reports that the connection or the account has reached its subscription limit. The
     * server does not name the rejected subscription.
     */
    static boolean tooMany(String error) {
        return error.equalsIgnoreCase(TOO_MANY);
    }

    /** Returns whether this violation applies to a subscription to {@code pattern} in {@code group}. */
    public boolean concerns(String pattern, Optional<String> group) {
        return subject.equals(pattern) && (anyGroup || queueGroup.equals(group));
    }
}
