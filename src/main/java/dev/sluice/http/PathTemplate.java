package dev.sluice.http;

import java.util.Arrays;
import java.util.List;

/**
 * The template of a path of the API, such as {@code /v1/streams/{stream}/messages/{seq}}. A variable stands for one
 * segment; the last one may stand for the rest of the path.
 */
final class PathTemplate {
    static final String API = "/v1/";
    private static final String VARIABLE = "{";

    private final String text;
    private final List<String> segments;
    private final boolean rest;

    private PathTemplate(String text, boolean rest) {
        this.text = text;
        this.segments = Arrays.asList(text.substring(1).split("/"));
        this.rest = rest;
    }

    /**
     * Returns the template of a declared path.
     *
     * @param declared as Jakarta REST or Vert.x spell it: {@code {name}} and {@code :name} for one segment,
     *     {@code {name:.+}} for the rest
     */
    static PathTemplate of(String declared) {
        String path = declared.replaceAll("/+", "/").replaceAll("/$", "").replaceAll("/:(\\w+)", "/{$1}");
        return new PathTemplate(path.replace(":.+}", "}"), path.endsWith(":.+}"));
    }

    /** Returns the segment after the version of the API, or the first one if there is no version. */
    static String family(String path) {
        int begin = path.startsWith(API) ? API.length() : 1;
        return begin > path.length() ? "" : path.substring(begin, endOfSegment(path, begin));
    }

    /** @param path normalized path, percent-encoded as received */
    boolean matches(String path) {
        int at = 0;
        for (int i = 0; i < segments.size(); i++) {
            if (at >= path.length() || path.charAt(at) != '/') {
                return false;
            }
            int begin = at + 1;
            at = rest && i == segments.size() - 1 ? path.length() : endOfSegment(path, begin);
            String segment = segments.get(i);
            boolean matches = segment.startsWith(VARIABLE)
                    ? at > begin
                    : at - begin == segment.length() && path.startsWith(segment, begin);
            if (!matches) {
                return false;
            }
        }
        return at == path.length();
    }

    private static int endOfSegment(String path, int begin) {
        int slash = path.indexOf('/', begin);
        return slash < 0 ? path.length() : slash;
    }

    @Override
    public String toString() {
        return text;
    }
}
