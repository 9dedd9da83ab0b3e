package dev.sluice.http.state;

import dev.sluice.failure.Failure;
import dev.sluice.stream.object.ObjectInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code If-Match} or {@code If-None-Match} (RFC 9110, section 13.1), for resources whose entity tag is a
 * revision, or an object's digest.
 *
 * @param any whether the value is {@code *}
 * @param tags the tags otherwise
 */
record EntityTags(boolean any, List<Tag> tags) {
    private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\"");
    private static final Pattern VALUE = Pattern.compile("[\\x21\\x23-\\x7E]+");
    private static final Pattern REVISION = Pattern.compile("[1-9][0-9]{0,17}");

    /** One tag. A weak one never matches in {@code If-Match}. */
    record Tag(boolean weak, String value) {}

    /**
     * Parses the values of a header; empty if there are none.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header, if it is not a list of tags
     */
    static Optional<EntityTags> parse(String header, List<String> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        String text = String.join(",", values).strip();
        if (text.equals("*")) {
            return Optional.of(new EntityTags(true, List.of()));
        }
        List<Tag> tags = new ArrayList<>();
        Matcher tag = TAG.matcher(text);
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ',' || c == ' ' || c == '\t') {
                at++;
            } else if (tag.region(at, text.length()).lookingAt()) {
                tags.add(new Tag(tag.group(1) != null, tag.group(2)));
                at = tag.end();
                if (at < text.length() && " \t,".indexOf(text.charAt(at)) < 0) {
                    throw malformed(header);
                }
            } else {
                throw malformed(header);
            }
        }
        if (tags.isEmpty()) {
            throw malformed(header);
        }
        return Optional.of(new EntityTags(false, tags));
    }

    static String of(long revision) {
        return "\"" + revision + "\"";
    }

    /** Returns the tag of an object. */
    static String of(ObjectInfo object) {
        return "\"" + value(object) + "\"";
    }

    /** Returns whether the object matches by the strong comparison; false if there is none. */
    boolean matchStrongly(Optional<ObjectInfo> object) {
        return object.isPresent() && strongly(value(object.get()));
    }

    /** Returns whether the object matches by the weak comparison. */
    boolean matchWeakly(ObjectInfo object) {
        return weakly(value(object));
    }

    /** Returns the sequence if another client has stored a digest that is not a valid entity tag. */
    private static String value(ObjectInfo object) {
        return VALUE.matcher(object.tag()).matches() ? object.tag() : Long.toString(object.sequence());
    }

    /** Returns whether {@code revision} matches by the strong comparison, which {@code If-Match} uses. */
    boolean matchStrongly(long revision) {
        return strongly(Long.toString(revision));
    }

    /** Returns whether {@code revision} matches by the weak comparison, which {@code If-None-Match} uses. */
    boolean matchWeakly(long revision) {
        return weakly(Long.toString(revision));
    }

    private boolean strongly(String value) {
        return any || tags.stream().anyMatch(tag -> !tag.weak() && tag.value().equals(value));
    }

    private boolean weakly(String value) {
        return any || tags.stream().anyMatch(tag -> tag.value().equals(value));
    }

    /** Returns the revision of a single strong tag; empty if the present revision must be read to compare it. */
    Optional<Long> only() {
        return tags.size() == 1 && !tags.get(0).weak() ? revision(tags.get(0).value()) : Optional.empty();
    }

    /** Returns the highest revision that a tag names; 0 if there is none. */
    long highest() {
        return tags.stream()
                .flatMap(tag -> revision(tag.value()).stream())
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    private static Optional<Long> revision(String value) {
        return REVISION.matcher(value).matches() ? Optional.of(Long.parseLong(value)) : Optional.empty();
    }

    private static RuntimeException malformed(String header) {
        return Failure.INVALID.because("The header " + header + " must be *, or entity tags in quotes such as \"17\"");
    }
}
