package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the parser agrees with a tree of the same text and accepts only responses of JetStream. */
class PublishReplyParserTest {
    private static final ObjectMapper JACKSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"stream\":\"ORDERS\",\"seq\":42}",
                "{\"stream\": \"ORDERS\", \"seq\": 42}",
                " {\n\t\"seq\" : 42 ,\r\n \"stream\" : \"ORDERS\" } ",
                "{\"domain\":\"hub\",\"seq\":42,\"stream\":\"ORDERS\",\"val\":\"7\"}",
                "{\"x\":{\"seq\":1,\"stream\":\"OTHER\"},\"y\":[1,[{}],\"}\"],\"stream\":\"ORDERS\",\"seq\":42}",
                "{\"error\":null,\"stream\":\"ORDERS\",\"seq\":42,\"duplicate\":false}",
                "{\"\\u0073tream\":\"OR\\u0044ERS\",\"seq\":42}"
            })
    void readsAReceiptFromAnyEquivalentJson(String json) {
        assertThat(parse(json)).isEqualTo(new PublishReply.Stored(new Receipt("ORDERS", 42, false)));
    }

    @Test
    void readsADuplicate() {
        assertThat(parse("{\"stream\":\"ORDERS\", \"seq\":42,\"duplicate\": true}"))
                .isEqualTo(new PublishReply.Stored(new Receipt("ORDERS", 42, true)));
    }

    /** The leader of a replicated stream answers so before version 2.11. */
    @Test
    void readsADuplicateOfAMessageInProcess() {
        assertThat(parse("{\"stream\":\"ORDERS\", \"seq\":0,\"duplicate\": true}"))
                .isEqualTo(PublishReply.Refused.IN_PROCESS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence: 1\"},\"stream\":\"S\",\"seq\":0}",
                "{\"stream\": \"S\", \"seq\": 0, \"error\": {\"description\": \"wrong last sequence: 1\", \"err_code\": 10071, \"code\": 400}}",
                "{\"seq\":7,\"error\":{\"x\":[],\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence\\u003a 1\"},\"stream\":\"S\"}"
            })
    void readsAnErrorBeforeAnythingElse(String json) {
        assertThat(parse(json)).isEqualTo(new PublishReply.Refused(400, 10071, "wrong last sequence: 1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+OK",
                "null",
                "42",
                "[]",
                "{}",
                "{\"price\":4999}",
                "{\"error\":\"unknown product\"}",
                "{\"error\":{\"code\":404,\"description\":\"not JetStream: no err_code\"},\"stream\":\"S\",\"seq\":1}",
                "{\"stream\":\"S\"}",
                "{\"seq\":1}",
                "{\"stream\":\"\",\"seq\":1}",
                "{\"stream\":\"S\",\"seq\":0}",
                "{\"stream\":\"S\",\"seq\":0,\"duplicate\":false}",
                "{\"stream\":\"\",\"seq\":0,\"duplicate\":true}",
                "{\"stream\":\"S\",\"seq\":\"0\",\"duplicate\":true}",
                "{\"stream\":\"S\",\"duplicate\":true}",
                "{\"stream\":\"S\",\"seq\":-1}",
                "{\"stream\":\"S\",\"seq\":-1,\"duplicate\":true}",
                "{\"stream\":\"S\",\"seq\":1.5}",
                "{\"stream\":\"S\",\"seq\":1e3}",
                "{\"stream\":\"S\",\"seq\":01}",
                "{\"stream\":\"S\",\"seq\":\"1\"}",
                "{\"stream\":\"S\",\"seq\":9223372036854775808}",
                "{\"stream\":1,\"seq\":1}",
                "{\"stream\":\"S\",\"seq\":1",
                "{\"stream\":\"S\",\"seq\":1}}",
                "{\"stream\":\"S\",\"seq\":1,}",
                "{\"stream\":\"S\" \"seq\":1}",
                "{\"stream\":\"S\",\"seq\":1} x",
                "{\"stream\":\"S\",\"x\":\"\\q\",\"seq\":1}",
                "{\"stream\":\"S\",\"x\":tru,\"seq\":1}",
                "{\"stream\":\"a\u0001b\",\"seq\":1}"
            })
    void rejectsAnythingElse(String json) {
        assertThat(parse(json)).isInstanceOf(PublishReply.Unrecognized.class);
    }

    @Test
    void rejectsInvalidUtf8() {
        byte[] json = "{\"stream\":\"S?\",\"seq\":1}".getBytes(StandardCharsets.ISO_8859_1);
        json[12] = (byte) 0xFF;

        assertThat(PublishReplyParser.parse(json)).isInstanceOf(PublishReply.Unrecognized.class);
    }

    @Test
    void limitsNesting() {
        String json = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"stream\":\"S\",\"seq\":1}";

        assertThat(parse(json)).isInstanceOf(PublishReply.Unrecognized.class);
    }

    @Property(tries = 2000)
    void readsAnObjectAsATreeDoes(@ForAll("objects") ObjectNode object, @ForAll boolean pretty)
            throws JsonProcessingException {
        String json = pretty ? JACKSON.writerWithDefaultPrettyPrinter().writeValueAsString(object) : object.toString();

        assertThat(parse(json)).isEqualTo(expected(object));
    }

    @Property(tries = 5000)
    void neverTrustsWhatIsNotJson(@ForAll("objects") ObjectNode object, @ForAll Random random) {
        byte[] damaged = damage(object.toString().getBytes(StandardCharsets.UTF_8), random);

        PublishReply ack = PublishReplyParser.parse(damaged);

        assertThat(ack instanceof PublishReply.Unrecognized || ack.equals(jackson(damaged)))
                .as(new String(damaged, StandardCharsets.UTF_8))
                .isTrue();
    }

    @Property(tries = 2000)
    void survivesAnything(@ForAll byte[] bytes) {
        assertThat(PublishReplyParser.parse(bytes)).isNotNull();
    }

    @Provide
    Arbitrary<ObjectNode> objects() {
        Arbitrary<JsonNode> stream =
                Arbitraries.oneOf(Arbitraries.strings().ofMaxLength(8).map(JsonNodeFactory.instance::textNode), odd());
        Arbitrary<JsonNode> sequence = Arbitraries.oneOf(
                Arbitraries.longs().greaterOrEqual(-5).map(JsonNodeFactory.instance::numberNode), odd());
        Arbitrary<JsonNode> duplicate =
                Arbitraries.oneOf(Arbitraries.of(true, false).map(JsonNodeFactory.instance::booleanNode), odd());
        Arbitrary<List<Map.Entry<String, JsonNode>>> members = Combinators.combine(
                        stream,
                        sequence,
                        duplicate.injectNull(0.5),
                        error().injectNull(0.7),
                        odd(),
                        Arbitraries.randoms())
                .as(PublishReplyParserTest::shuffled);
        return members.map(list -> {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            list.forEach(member -> object.set(member.getKey(), member.getValue()));
            return object;
        });
    }

    private static Arbitrary<JsonNode> error() {
        Arbitrary<JsonNode> object = Combinators.combine(
                        Arbitraries.integers().between(-1, 1001),
                        Arbitraries.integers().between(-1, 10300),
                        Arbitraries.strings().ofMaxLength(12))
                .as((code, errorCode, description) -> JsonNodeFactory.instance
                        .objectNode()
                        .put("code", code)
                        .put("err_code", errorCode)
                        .put("description", description));
        return Arbitraries.oneOf(object, odd());
    }

    private static Arbitrary<JsonNode> odd() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return Arbitraries.of(
                json.nullNode(),
                json.booleanNode(true),
                json.numberNode(-0.5e-7),
                json.textNode("seq\":1"),
                json.arrayNode().add(1).add("a\\\"b").add(json.arrayNode()),
                json.objectNode().put("seq", 7).put("stream", "nested").set("error", json.objectNode()));
    }

    private static List<Map.Entry<String, JsonNode>> shuffled(
            JsonNode stream, JsonNode sequence, JsonNode duplicate, JsonNode error, JsonNode other, Random random) {
        List<Map.Entry<String, JsonNode>> members = new java.util.ArrayList<>();
        members.add(Map.entry("stream", stream));
        members.add(Map.entry("seq", sequence));
        members.add(Map.entry("other", other));
        if (duplicate != null) {
            members.add(Map.entry("duplicate", duplicate));
        }
        if (error != null) {
            members.add(Map.entry("error", error));
        }
        Collections.shuffle(members, random);
        return members;
    }

    private static byte[] damage(byte[] json, Random random) {
        byte[] damaged = json.clone();
        damaged[random.nextInt(damaged.length)] = (byte) "\"{}[],:0\\x\n-e.".charAt(random.nextInt(14));
        return random.nextBoolean() ? damaged : java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length) + 1);
    }

    private static PublishReply jackson(byte[] json) {
        try {
            return expected(JACKSON.readTree(json));
        } catch (JacksonException e) {
            return PublishReply.Unrecognized.INSTANCE;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static PublishReply expected(JsonNode json) {
        JsonNode error = json.path("error");
        if (!error.isMissingNode() && !error.isNull()) {
            long code = error.path("code").asLong();
            int errorCode = error.path("err_code").asInt();
            return code > 0 && code < 1000 && errorCode > 0
                    ? new PublishReply.Refused(
                            (int) code, errorCode, error.path("description").asText())
                    : PublishReply.Unrecognized.INSTANCE;
        }
        JsonNode stream = json.path("stream");
        JsonNode sequence = json.path("seq");
        boolean duplicate = json.path("duplicate").booleanValue();
        boolean ofAStream = stream.isTextual()
                && !stream.textValue().isEmpty()
                && sequence.isIntegralNumber()
                && sequence.canConvertToLong();
        if (ofAStream && sequence.longValue() > 0) {
            return new PublishReply.Stored(new Receipt(stream.textValue(), sequence.longValue(), duplicate));
        }
        return ofAStream && sequence.longValue() == 0 && duplicate
                ? PublishReply.Refused.IN_PROCESS
                : PublishReply.Unrecognized.INSTANCE;
    }

    private static PublishReply parse(String json) {
        return PublishReplyParser.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
