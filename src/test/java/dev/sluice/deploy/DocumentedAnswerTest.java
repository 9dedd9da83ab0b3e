package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests which outputs match a documented answer. {@link DocumentedExamplesIT} relies on this to find errors in the
 * pages.
 */
class DocumentedAnswerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "HTTP/1.1 201 Created | HTTP/1.1 201 Created",
                "HTTP/1.1 201 Created | HTTP/2 201",
                "Location: /x/42       | location: /x/7",
                "id: …-42              | id: mx2-7",
                "{'seq':42}            | {'seq':7}",
                "{'at':'2026-01-01T00:00:00Z'} | {'at':'2027-02-02T00:00:00.123Z'}",
                "{'detail':'one'}      | {'detail':'two'}",
                "{'a':1,'…':'…'}       | {'a':2,'b':3}",
                "{'a':[1,'…']}         | {'a':[2,3,4]}",
                "data: {'a':1}         | data: {'a':2}",
            })
    void acceptsVaryingValues(String shown, String came) {
        assertThat(new DocumentedAnswer(json(shown)).missingIn(json(came))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "HTTP/1.1 201 Created | HTTP/1.1 200 OK",
                "{'seq':42}            | {'seq':'42'}",
                "{'seq':42}            | {'seq':42,'more':1}",
                "{'seq':42,'more':1}   | {'seq':42}",
                "{'status':404}        | {'status':403}",
                "{'duplicate':true}    | {'duplicate':false}",
                "{'data':'one'}        | {'data':'two'}",
                "{'at':'2026-01-01T00:00:00Z'} | {'at':'soon'}",
                "{'a':[1]}             | {'a':[1,2]}",
                "{'a':[1,'…']}         | {'a':[]}",
                "data: {'a':1}         | {'a':1}",
                "data: one             | data: two",
            })
    void rejectsOtherDifferences(String shown, String came) {
        assertThat(new DocumentedAnswer(json(shown)).missingIn(json(came))).isPresent();
    }

    @Test
    void needsLinesInOrderAndAllowsOthersBetween() {
        DocumentedAnswer answer = new DocumentedAnswer("a\n\n{\"b\":1,\n \"c\":2}\n");

        assertThat(answer.missingIn("x\na\ny\n{\n\"b\": 3, \"c\": 4\n}\nz")).isEmpty();
        assertThat(answer.missingIn("{\"b\":1,\"c\":2}\na")).isPresent();
        assertThat(answer.beginningMissingIn("a")).isEmpty();
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
