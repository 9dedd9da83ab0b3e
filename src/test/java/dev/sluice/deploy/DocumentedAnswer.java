package dev.sluice.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The documented output of an example, as a pattern for the actual output. All documented lines must occur in order;
 * other lines may occur between them.
 *
 * <p>{@code …} matches anything, a number matches any number, a time matches any time. The HTTP status must be equal.
 * JSON is compared by shape: the same names, and values of the same type. The name {@code "…"} stands for names that
 * are not shown, a last element {@code "…"} for more elements. Titles and details may differ.
 */
final class DocumentedAnswer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String ANYTHING = "…";
    private static final Set<String> EXACT = Set.of("status", "line", "nats_error_code");
    private static final Set<String> PROSE = Set.of("title", "detail");
    private static final Pattern STATUS = Pattern.compile("HTTP/\\S+ (\\d{3}).*");
    private static final Pattern VARYING = Pattern.compile("\\d+|" + ANYTHING);

    private final List<Part> parts;

    DocumentedAnswer(String text) {
        parts = parts(text);
    }

    /** Returns the first part that is missing in {@code actual}, or empty if it matches. */
    Optional<String> missingIn(String actual) {
        return missing(parts, actual);
    }

    /** Like {@link #missingIn}, for the first part only. */
    Optional<String> beginningMissingIn(String actual) {
        return missing(parts.subList(0, 1), actual);
    }

    private static Optional<String> missing(List<Part> parts, String actual) {
        Iterator<Part> came = parts(actual).iterator();
        for (Part part : parts) {
            if (!comes(part, came)) {
                return Optional.of(part.text);
            }
        }
        return Optional.empty();
    }

    private static boolean comes(Part part, Iterator<Part> came) {
        while (came.hasNext()) {
            if (matches(part, came.next())) {
                return true;
            }
        }
        return false;
    }

    /** One line, or the lines of one JSON value and its prefix. */
    private record Part(
            String text, String prefix, @Nullable JsonNode json) {}

    private static List<Part> parts(String text) {
        List<Part> parts = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty()) {
                continue;
            }
            int brace = line.indexOf('{');
            if (brace == 0 || line.startsWith("data: {")) {
                StringBuilder value = new StringBuilder(line.substring(brace));
                JsonNode json = read(value);
                for (int next = i + 1;
                        json == null && next < lines.size() && !lines.get(next).isBlank();
                        next++) {
                    value.append('\n').append(lines.get(next));
                    json = read(value);
                    if (json != null) {
                        i = next;
                    }
                }
                if (json != null) {
                    parts.add(new Part(value.toString(), line.substring(0, brace), json));
                    continue;
                }
            }
            parts.add(new Part(line, "", null));
        }
        return parts;
    }

    private static @Nullable JsonNode read(CharSequence text) {
        try {
            return JSON.readTree(text.toString());
        } catch (JsonProcessingException incomplete) {
            return null;
        }
    }

    private static boolean matches(Part shown, Part came) {
        if (shown.json != null) {
            return came.json != null && shown.prefix.equals(came.prefix) && sameShape("", shown.json, came.json);
        }
        if (came.json != null) {
            return false;
        }
        Matcher status = STATUS.matcher(shown.text);
        if (status.matches()) {
            Matcher other = STATUS.matcher(came.text);
            return other.matches() && other.group(1).equals(status.group(1));
        }
        return pattern(shown.text).matcher(came.text).matches();
    }

    private static Pattern pattern(String shown) {
        StringBuilder pattern = new StringBuilder();
        Matcher varying = VARYING.matcher(shown);
        int end = 0;
        while (varying.find()) {
            pattern.append(Pattern.quote(shown.substring(end, varying.start())));
            pattern.append(varying.group().equals(ANYTHING) ? ".*" : "\\d+");
            end = varying.end();
        }
        pattern.append(Pattern.quote(shown.substring(end)));
        return Pattern.compile(pattern.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    }

    private static boolean sameShape(String name, JsonNode shown, JsonNode came) {
        if (shown.isTextual() && shown.asText().equals(ANYTHING)) {
            return true;
        }
        if (shown.getNodeType() != came.getNodeType()) {
            return false;
        }
        return switch (shown.getNodeType()) {
            case OBJECT -> sameMembers(shown, came);
            case ARRAY -> sameElements(name, shown, came);
            case STRING -> PROSE.contains(name) || sameText(shown.asText(), came.asText());
            case NUMBER -> !EXACT.contains(name) || shown.equals(came);
            default -> shown.equals(came);
        };
    }

    private static boolean sameMembers(JsonNode shown, JsonNode came) {
        for (Iterator<String> names = shown.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            boolean rest = name.equals(ANYTHING);
            if (!rest && !(came.has(name) && sameShape(name, shown.get(name), came.get(name)))) {
                return false;
            }
        }
        return shown.has(ANYTHING) || shown.size() == came.size();
    }

    private static boolean sameElements(String name, JsonNode shown, JsonNode came) {
        int size = shown.size();
        boolean open = size > 0 && shown.get(size - 1).asText().equals(ANYTHING);
        int compared = open ? size - 1 : size;
        if (open ? came.size() < compared : came.size() != compared) {
            return false;
        }
        for (int i = 0; i < compared; i++) {
            if (!sameShape(name, shown.get(i), came.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameText(String shown, String came) {
        return isTime(shown) ? isTime(came) : pattern(shown).matcher(came).matches();
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException notOne) {
            return false;
        }
    }
}
