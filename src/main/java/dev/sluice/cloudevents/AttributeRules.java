package dev.sluice.cloudevents;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the specification says about the names and values of attributes. */
final class AttributeRules {
    static final String CONTENT_TYPE = "datacontenttype";
    static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    private static final String VERSION = "1.0";
    private static final Set<String> STRINGS =
            Set.of("specversion", "id", "source", "type", CONTENT_TYPE, "dataschema", "subject", "time");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]++");
    private static final Pattern URI_CHARACTERS = Pattern.compile("[-A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%]++");
    private static final Pattern BAD_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final String TOKEN = "[-A-Za-z0-9!#$%&'*+.^_`|~]++";
    private static final Pattern MEDIA_TYPE = Pattern.compile(TOKEN + "/" + TOKEN + "[ \t]*+(?:;[\\t -~]*+)?");
    /** RFC 3339, section 5.6, with a fraction of any length. */
    private static final Pattern TIME = Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:)([0-9]{2})"
            + "(?:\\.[0-9]++)?(?:[Zz]|[-+](?:[01][0-9]|2[0-3]):[0-5][0-9])");

    private static final String LEAP_SECOND = "60";

    private AttributeRules() {}

    /** Returns whether the specification defines the attribute. Its value is a string. */
    static boolean isCore(String name) {
        return STRINGS.contains(name);
    }

    /** Returns the broken rule of a name, or null. */
    static @Nullable String ofName(String name) {
        if (name.equals("data")) {
            return "is not an attribute";
        }
        return NAME.matcher(name).matches() ? null : "must have a name of lower-case letters and digits";
    }

    /** Returns the broken rule of a value, or null. */
    static @Nullable String ofValue(String name, String value) {
        if (!value.codePoints().allMatch(AttributeRules::allowed)) {
            return "must not have control characters, noncharacters or unpaired surrogates";
        }
        if (value.isEmpty() && isCore(name)) {
            return "must not be empty";
        }
        return switch (name) {
            case "specversion" -> value.equals(VERSION) ? null : "must be " + VERSION;
            case "source" -> reference(value) != null ? null : "must be a URI reference (RFC 3986)";
            case "dataschema" -> isAbsolute(value) ? null : "must be an absolute URI (RFC 3986)";
            case "time" -> isTime(value) ? null : "must be a time as in RFC 3339";
            case CONTENT_TYPE -> MEDIA_TYPE.matcher(value).matches() ? null : "must be a media type (RFC 2046)";
            default -> null;
        };
    }

    private static boolean allowed(int character) {
        boolean control = character < 0x20 || (character >= 0x7F && character <= 0x9F);
        boolean surrogate = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
        boolean noncharacter = (character & 0xFFFE) == 0xFFFE || (character >= 0xFDD0 && character <= 0xFDEF);
        return !control && !surrogate && !noncharacter;
    }

    private static boolean isAbsolute(String value) {
        URI uri = reference(value);
        return uri != null && uri.isAbsolute();
    }

    private static @Nullable URI reference(String value) {
        if (!URI_CHARACTERS.matcher(value).matches()
                || BAD_PERCENT.matcher(value).find()) {
            return null;
        }
        try {
            return new URI(value);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static boolean isTime(String value) {
        Matcher time = TIME.matcher(value);
        if (!time.matches()) {
            return false;
        }
        String seconds = time.group(3).equals(LEAP_SECOND) ? "59" : time.group(3);
        try {
            LocalDateTime.parse(time.group(1) + "T" + time.group(2) + seconds);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
