package dev.sluice.stream.topology;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Applies a declaration: creates what is missing and updates what differs. Deletes nothing, and narrows an
 * existing stream only if the declaration says so. The result of an update is verified against the configuration
 * that the server returns, because old servers ignore unknown fields.
 */
public record DeclarationReconciler(JetStreamApi api) {
    private static final Logger LOG = Logger.getLogger(DeclarationReconciler.class);

    /**
     * What has become of a declaration.
     *
     * @param refusal why the server has not applied a change; empty if it has not refused one
     * @param undecided why the server has not decided about a change, which is to be sent again; empty if it has
     * @param spared what an existing stream keeps beyond it, and was not sent; empty if nothing
     */
    public record Applied(Optional<String> refusal, Optional<String> undecided, Optional<String> spared) {
        /** Returns why the server does not have what was sent; empty if it has. */
        public Optional<String> problem() {
            return refusal.or(() -> undecided);
        }

        /** Returns whether the server has what was sent. */
        public boolean complete() {
            return problem().isEmpty();
        }
    }

    /** Applies {@code declaration}. Fails if there is no answer. */
    public Uni<Applied> apply(Declaration declaration) {
        return apply(declaration, true);
    }

    /**
     * As {@link #apply(Declaration)}.
     *
     * @param wishes whether an existing one is asked for optional features that it lacks. A new one always is.
     */
    Uni<Applied> apply(Declaration declaration, boolean wishes) {
        Declaration ofExisting = wishes ? declaration : declaration.withoutWishes();
        return declaration
                .requests()
                .info(api)
                .onFailure(DeclarationReconciler::missing)
                .recoverWithUni(() -> create(declaration))
                .chain(actual -> applyTo(actual, ofExisting));
    }

    private Uni<Applied> applyTo(Map<String, JsonValue> actual, Declaration declaration) {
        Declaration sparing = declaration.sparing(actual);
        Optional<String> spared = Optional.of(declaration.withoutWishes().differences(sparing.required()))
                .filter(differences -> !differences.isEmpty());
        return sparing.differences(actual).isEmpty()
                ? Uni.createFrom().item(new Applied(Optional.empty(), Optional.empty(), spared))
                : update(sparing, actual, spared);
    }

    private Uni<Map<String, JsonValue>> create(Declaration declaration) {
        return change(declaration, declaration.initial(), configuration -> declaration
                        .requests()
                        .create(api, configuration))
                .invoke(() -> LOG.infof("Created the %s", declaration.what()));
    }

    private Uni<Applied> update(Declaration declaration, Map<String, JsonValue> before, Optional<String> spared) {
        return change(declaration, before, configuration -> declaration
                        .requests()
                        .update(api, configuration))
                .map(after -> new Applied(verified(declaration, before, after), Optional.empty(), spared))
                .onFailure(JetStreamErrors::isTransient)
                .recoverWithItem(failure -> new Applied(
                        Optional.empty(),
                        Optional.of("The " + declaration.what() + " cannot be changed now: " + failure.getMessage()),
                        spared))
                .onFailure(DeclarationReconciler::refused)
                .recoverWithItem(refusal ->
                        new Applied(Optional.of(refused(declaration, before, refusal)), Optional.empty(), spared));
    }

    /**
     * Sends the request with the optional fields. If the server rejects it, sends it without them. A cluster without a
     * leader rejects nothing: the features are requested again at the next attempt.
     */
    private Uni<Map<String, JsonValue>> change(
            Declaration declaration,
            Map<String, JsonValue> before,
            Function<Map<String, JsonValue>, Uni<Map<String, JsonValue>>> request) {
        Uni<Map<String, JsonValue>> plain =
                request.apply(declaration.withoutWishes().over(before));
        return declaration.wished().isEmpty()
                ? plain
                : request.apply(declaration.over(before))
                        .onFailure(failure -> refused(failure) && !JetStreamErrors.isTransient(failure))
                        .recoverWithUni(plain);
    }

    private static Optional<String> verified(
            Declaration declaration, Map<String, JsonValue> before, Map<String, JsonValue> after) {
        String ignored = declaration.withoutWishes().differences(after);
        if (!ignored.isEmpty()) {
            return Optional.of("The server ignores settings of the " + declaration.what() + ": " + ignored);
        }
        String changed = declaration.withoutWishes().differences(before);
        if (!changed.isEmpty()) {
            LOG.infof("Updated the %s: %s", declaration.what(), changed);
        }
        String lacking = declaration.differences(after);
        if (!lacking.isEmpty()) {
            LOG.infof("This server has the %s without a requested feature: %s", declaration.what(), lacking);
        }
        return Optional.empty();
    }

    private static String refused(Declaration declaration, Map<String, JsonValue> before, Throwable refusal) {
        return "The server refuses to change the " + declaration.what() + " (" + refusal.getMessage() + "): "
                + declaration.differences(before) + ". It has " + new JsonValue(before).toJson() + ", declared is "
                + new JsonValue(declaration.required()).toJson();
    }

    private static boolean missing(Throwable failure) {
        return Failure.NO_STREAM.matches(failure) || Failure.NO_CONSUMER.matches(failure);
    }

    private static boolean refused(Throwable failure) {
        return failure instanceof SluiceException known && known.natsErrorCode().isPresent();
    }
}
