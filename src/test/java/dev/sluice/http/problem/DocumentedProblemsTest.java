package dev.sluice.http.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The problems that the documents name, such as {@code 503 `unavailable`}, exist and have that status. */
class DocumentedProblemsTest {
    private static final Pattern PROBLEM = Pattern.compile("\\b([45][0-9][0-9])\\s+`([a-z-]+)`");

    @Test
    void existWithTheirStatus() throws IOException {
        Map<String, Integer> types =
                Stream.of(ProblemType.values()).collect(Collectors.toMap(ProblemType::slug, ProblemType::status));

        assertThat(documents())
                .flatExtracting(DocumentedProblemsTest::problems)
                .isNotEmpty()
                .allSatisfy(problem -> {
                    assertThat(types).containsKey(problem.slug());
                    assertThat(types.get(problem.slug())).as(problem.slug()).isEqualTo(problem.status());
                });
    }

    private record Documented(String slug, int status) {}

    private static List<Documented> problems(String document) {
        return PROBLEM.matcher(document)
                .results()
                .map(found -> new Documented(found.group(2), Integer.parseInt(found.group(1))))
                .toList();
    }

    private static List<String> documents() throws IOException {
        List<String> documents = new ArrayList<>();
        for (Path folder : List.of(Path.of(""), Path.of("docs"))) {
            try (DirectoryStream<Path> pages = Files.newDirectoryStream(folder, "*.md")) {
                for (Path page : pages) {
                    documents.add(Files.readString(page));
                }
            }
        }
        return documents;
    }
}
