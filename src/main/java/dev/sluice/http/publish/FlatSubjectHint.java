package dev.sluice.http.publish;

import dev.sluice.nats.Subject;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Logs once per subject that a subject of one token cannot be selected by a wildcard. Remembers at most 1,000 subjects
 * and does not log any others, so that callers cannot fill the memory or the log.
 */
@Singleton
final class FlatSubjectHint {
    private static final Logger LOG = Logger.getLogger(FlatSubjectHint.class);
    private static final int MAX_REMEMBERED = 1_000;

    private final Set<Subject> given = ConcurrentHashMap.newKeySet();

    void give(Subject subject) {
        if (subject.flat() && given.size() < MAX_REMEMBERED && given.add(subject)) {
            LOG.infof(
                    "A client publishes to %s: a wildcard cannot select a subject of one token;"
                            + " use a name such as %s.created",
                    subject, subject);
        }
    }
}
