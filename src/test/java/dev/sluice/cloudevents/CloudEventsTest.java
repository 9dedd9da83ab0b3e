package dev.sluice.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.failure.Violation;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of CloudEvents 1.0 and of its JSON format, with the examples of the specification. */
class CloudEventsTest {
    private static final String LEAST = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"type\":\"t\"";

    /** The examples of the JSON format, section 3.2. */
    static List<String> examples() {
        String common = """
                {
                    "specversion" : "1.0",
                    "type" : "com.example.someevent",
                    "source" : "/mycontext",
                    "id" : "C234-1234-1234",
                    "time" : "2018-04-05T17:31:00Z",
                    "comexampleextension1" : "value",
                    "comexampleothervalue" : 5,
                """;
        return List.of(
                common + "\"datacontenttype\":\"application/vnd.apache.thrift.binary\",\"data_base64\":\"AAEC\"}",
                common + "\"unsetextension\":null,\"datacontenttype\":\"application/xml\","
                        + "\"data\":\"<much wow=\\\"xml\\\"/>\"}",
                common + "\"subject\":null,\"datacontenttype\":\"application/json\","
                        + "\"data\":{\"appinfoA\":\"abc\",\"appinfoB\":123,\"appinfoC\":true}}",
                common + "\"subject\":null,\"datacontenttype\":\"application/json\",\"data\":1.5}",
                common + "\"subject\":null,\"data\":\"I'm just a string\"}",
                "{" + LEAST + ",\"data_base64\":\"eyAieHl6IjogMTIzIH0=\"}",
                "{" + LEAST + "}",
                "{" + LEAST + ",\"data\":null}",
                "{" + LEAST + ",\"ok\":true,\"data\":{\"a\":1,\"a\":2}}");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void acceptsTheExamplesOfTheSpecification(String event) {
        CloudEvents.requireEvent(event.getBytes(UTF_8));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void acceptsTheSameEventsAsTheOfficialClient(String event) {
        CloudEvent read = new JsonFormat().deserialize(event.getBytes(UTF_8));
        byte[] written = new JsonFormat().serialize(read);

        CloudEvents.requireEvent(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"specversion", "id", "source", "type"})
    void namesEachRequiredAttributeThatIsMissing(String name) {
        String without = ("{" + LEAST + "}")
                .replaceAll("\"" + name + "\":\"[^\"]*\",?", "")
                .replace(",}", "}");

        assertThat(violations(without)).containsExactly(new Violation(name, "is required"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"specversion", "id", "source", "type"})
    void aRequiredAttributeIsNotNull(String name) {
        String unset = ("{" + LEAST + "}").replaceAll("(\"" + name + "\":)\"[^\"]*\"", "$1null");

        assertThat(violations(unset)).containsExactly(new Violation(name, "is required"));
    }

    @Test
    void namesAllThatIsMissing() {
        assertThat(violations("{}"))
                .extracting(Violation::field)
                .containsExactly("specversion", "id", "source", "type");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "specversion | \"0.3\"",
                "specversion | \"1.0.2\"",
                "specversion | 1.0",
                "id          | \"\"",
                "id          | 7",
                "type        | \"\"",
                "source      | \"\"",
                "source      | \"a b\"",
                "source      | \"http://[\"",
                "source      | \"%zz\"",
                "source      | \"http://ex/ü\"",
                "source      | \"1:x\"",
            })
    void namesARequiredAttributeThatIsBad(String name, String value) {
        String bad = ("{" + LEAST + "}").replaceAll("(\"" + name + "\":)\"[^\"]*\"", "$1" + value);

        assertThat(violations(bad)).extracting(Violation::field).containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "time            | \"2018-04-05\"",
                "time            | \"2018-04-05T17:31Z\"",
                "time            | \"2018-04-05T17:31:00\"",
                "time            | \"2018-02-30T17:31:00Z\"",
                "time            | \"2018-04-05T24:31:00Z\"",
                "time            | \"2018-04-05T17:31:00+24:00\"",
                "time            | 1522949460",
                "subject         | \"\"",
                "dataschema      | \"\"",
                "dataschema      | \"/relative\"",
                "datacontenttype | \"json\"",
                "datacontenttype | \"\"",
                "Upper           | \"x\"",
                "with-hyphen     | \"x\"",
                "with_underscore | \"x\"",
                "ext             | 1.5",
                "ext             | 2147483648",
                "ext             | {\"a\":1}",
                "ext             | [1]",
                "ext             | \"\\u0000\"",
                "ext             | \"\\uDEAD\"",
                "ext             | \"\\uFFFE\"",
                "data_base64     | \"*\"",
                "data_base64     | 7",
            })
    void namesAnOptionalAttributeThatIsBad(String name, String value) {
        assertThat(violations("{" + LEAST + ",\"" + name + "\":" + value + "}"))
                .extracting(Violation::field)
                .containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "time            | \"2018-04-05t17:31:00.123456789123z\"",
                "time            | \"2016-12-31T23:59:60-23:59\"",
                "dataschema      | \"https://example.com/schema.json#/a\"",
                "datacontenttype | \"TEXT/Plain; CharSet=utf-8\"",
                "subject         | \"żółw 🚀\"",
                "ext             | \"\"",
                "ext             | -2147483648",
                "ext             | false",
                "7               | \"a digit is allowed\"",
            })
    void acceptsAnOptionalAttribute(String name, String value) {
        CloudEvents.requireEvent(("{" + LEAST + ",\"" + name + "\":" + value + "}").getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://github.com/cloudevents",
                "mailto:cncf-wg-serverless@lists.cncf.io",
                "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
                "/cloudevents/spec/pull/123",
                "/sensors/tn-1234567/alerts",
                "1-555-123-4567",
            })
    void acceptsTheSourcesOfTheSpecification(String source) {
        CloudEvents.requireEvent(("{" + LEAST.replace("/a", source) + "}").getBytes(UTF_8));
    }

    @Test
    void anAttributeOccursOnce() {
        assertThat(violations("{" + LEAST + ",\"id\":\"2\"}"))
                .extracting(Violation::field)
                .containsExactly("id");
    }

    @Test
    void dataHasOneForm() {
        assertThat(violations("{" + LEAST + ",\"data\":1,\"data_base64\":\"AA==\"}"))
                .extracting(Violation::field)
                .containsExactly("data_base64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[",
                "{} {}",
                "[{}]",
                "1",
                "null",
                "\"x\"",
                "\u0000{}",
                "\uFEFF{}",
                "{\"a\":}",
                "{\"a\":01}"
            })
    void namesTheBodyThatIsNotAJsonObject(String body) {
        assertThat(violations(body)).extracting(Violation::field).containsExactly("body");
    }

    @Test
    void namesTheBodyThatIsNotUtf8() {
        SluiceException refused = catchThrowableOfType(
                SluiceException.class, () -> CloudEvents.requireEvent(new byte[] {'{', '"', (byte) 0xC0, '"', '}'}));

        assertThat(refused.violations()).extracting(Violation::field).containsExactly("body");
    }

    @Test
    void rejectsJsonThatIsNestedTooDeeply() {
        String deep = "{" + LEAST + ",\"data\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThat(violations(deep)).extracting(Violation::field).containsExactly("body");
    }

    @Test
    void splitsABatchIntoTheBytesOfItsEvents() {
        String first = "{ " + LEAST + ", \"data\": {\"ż\": 1.50} }";
        String second = "{" + LEAST + ",\"data_base64\":\"AAEC\"}";

        assertThat(CloudEvents.split(("\n[ " + first + " ,\n" + second + "] ").getBytes(UTF_8)))
                .extracting(event -> new String(event, UTF_8))
                .containsExactly(first, second);
    }

    @Test
    void aBatchCanBeEmpty() {
        assertThat(CloudEvents.split("[]".getBytes(UTF_8))).isEmpty();
    }

    @Test
    void namesTheIndexAndTheAttributesOfABatch() {
        String batch = "[{" + LEAST + "},{\"id\":\"\"},7]";

        SluiceException refused =
                catchThrowableOfType(SluiceException.class, () -> CloudEvents.split(batch.getBytes(UTF_8)));

        assertThat(refused.violations())
                .extracting(Violation::field)
                .containsExactly("[1].id", "[1].specversion", "[1].source", "[1].type", "[2]");
    }

    @Test
    void reportsAtMostTwentyViolations() {
        String batch = "[" + "{},".repeat(1000) + "{}]";

        SluiceException refused =
                catchThrowableOfType(SluiceException.class, () -> CloudEvents.split(batch.getBytes(UTF_8)));

        assertThat(refused.violations()).hasSize(Attributes.MAX_VIOLATIONS);
    }

    @Test
    void aBinaryEventHasTheHeadersOfTheNatsBinding() {
        assertThat(CloudEvents.messageHeaders(
                        attributes(Map.of("subject", "Euro%20%e2%82%ac \"x\"", "ext", "%41")),
                        "application/json; charset=utf-8"))
                .isEqualTo(Map.of(
                        "ce-specversion", "1.0",
                        "ce-id", "1",
                        "ce-source", "/a",
                        "ce-type", "t",
                        "ce-subject", "Euro%20%E2%82%AC%20%22x%22",
                        "ce-ext", "A",
                        "ce-datacontenttype", "application/json;%20charset=utf-8"));
    }

    @ParameterizedTest
    @CsvSource({
        "subject, %C0%A0",
        "ext, %C0%A0",
        "ext, 100% sure",
        "my-ext, x",
        "'', x",
        "data, x",
        "datacontenttype, text/plain",
        "specversion, 0.3",
        "time, yesterday",
        "source, a b"
    })
    void namesTheBadAttributeOfABinaryEvent(String name, String value) {
        SluiceException refused = catchThrowableOfType(
                SluiceException.class, () -> CloudEvents.messageHeaders(attributes(name, value), null));

        assertThat(refused.failure()).isEqualTo(Failure.INVALID);
        assertThat(refused.violations()).extracting(Violation::field).containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json                 | {\"a\":1.50} | \"data\":{\"a\":1.50}}",
                "application/vnd.x+json           | \"text\"     | \"data\":\"text\"}",
                "application/json                 | not json     | \"data_base64\":",
                "text/plain; charset=utf-8        | żółw         | \"data\":\"żółw\"}",
                "text/plain; charset=iso-8859-1   | zolw         | \"data_base64\":",
                "application/octet-stream         | text         | \"data_base64\":",
                "application/xml                  | <a/>         | \"data\":\"<a/>\"}",
            })
    void writesABinaryMessageThatTheOfficialClientReads(String type, String data, String written) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        CloudEvents.messageHeaders(attributes("subject", "Euro%20%E2%82%AC"), type)
                .forEach((name, value) -> headers.put(name, List.of(value)));

        byte[] json = CloudEvents.json(headers, data.getBytes(UTF_8));

        assertThat(new String(json, UTF_8)).contains(written);
        CloudEvent read = new JsonFormat().deserialize(json);
        assertThat(read.getSubject()).isEqualTo("Euro €");
        assertThat(read.getDataContentType()).isEqualTo(type);
        assertThat(read.getData().toBytes()).isNotEmpty();
    }

    @Test
    void aMessageWithoutDataHasNone() {
        byte[] json = CloudEvents.json(
                Map.of(
                        "Ce-Id",
                        List.of("1"),
                        "CE-SOURCE",
                        List.of("/a"),
                        "ce-type",
                        List.of("t"),
                        "ce-specversion",
                        List.of("1.0")),
                new byte[0]);

        assertThat(new String(json, UTF_8)).doesNotContain("data");
    }

    @Test
    void readsAStructuredMessageUnchanged() {
        byte[] event = ("{ " + LEAST + "}").getBytes(UTF_8);

        assertThat(CloudEvents.json(Map.of("content-type", List.of("Application/CloudEvents+JSON")), event))
                .isSameAs(event);
        assertThat(CloudEvents.json(Map.of(), event)).isSameAs(event);
    }

    @Test
    void aMessageOfAnotherTypeIsNotAnEvent() {
        SluiceException refused = catchThrowableOfType(
                SluiceException.class,
                () -> CloudEvents.json(
                        Map.of("Content-Type", List.of("application/json")), ("{" + LEAST + "}").getBytes(UTF_8)));

        assertThat(refused.violations()).hasSize(4);
    }

    private static Map<String, List<String>> attributes(String name, String value) {
        return attributes(Map.of(name, value));
    }

    /** Returns the least attributes and {@code more}. */
    private static Map<String, List<String>> attributes(Map<String, String> more) {
        Map<String, List<String>> attributes = new LinkedHashMap<>();
        Map.of("specversion", "1.0", "id", "1", "source", "/a", "type", "t")
                .forEach((name, value) -> attributes.put(name, List.of(value)));
        more.forEach((name, value) -> attributes.put(name, List.of(value)));
        return attributes;
    }

    private static List<Violation> violations(String event) {
        return catchThrowableOfType(SluiceException.class, () -> CloudEvents.requireEvent(event.getBytes(UTF_8)))
                .violations();
    }
}
