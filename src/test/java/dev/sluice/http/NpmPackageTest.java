package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client as an npm package: a program imports it by its name, without a build step. */
class NpmPackageTest {
    private static final Path PACKAGE = Path.of("src/main/npm/sluice-events").toAbsolutePath();

    /** An EventSource whose events a program makes itself. */
    private static final String SCRIPTED = """
            const opened = []
            globalThis.EventSource = class extends EventTarget {
              static CLOSED = 2
              readyState = 1
              constructor(url) { super(); this.url = url; opened.push(this) }
              close() { this.readyState = 2 }
              say(type, data, lastEventId = '') {
                this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data), lastEventId }))
              }
            }
            """;

    @TempDir
    Path project;

    @Test
    void exportsTheFunctionsThatItsTypesDeclare() throws Exception {
        String declared = Files.readString(PACKAGE.resolve("sluice-events.d.ts"));

        assertThat(run("""
                import * as client from 'sluice-events'
                console.log(Object.keys(client).join())
                """)).isEqualTo("tail,watch,watchObjects");
        assertThat(declared)
                .contains("export function tail(", "export function watch(", "export function watchObjects(");
    }

    @Test
    void namesExistingFilesAndTheVersionOfTheService() throws Exception {
        JsonNode manifest =
                new ObjectMapper().readTree(PACKAGE.resolve("package.json").toFile());
        Matcher version = Pattern.compile("<version>([0-9.]+)(-SNAPSHOT)?</version>")
                .matcher(Files.readString(Path.of("pom.xml")));

        assertThat(version.find()).isTrue();
        assertThat(manifest.path("version").textValue()).isEqualTo(version.group(1));
        assertThat(manifest.path("files"))
                .allSatisfy(
                        file -> assertThat(PACKAGE.resolve(file.textValue())).exists())
                .hasSize(2);
        manifest.at("/exports/.")
                .forEach(file -> assertThat(PACKAGE.resolve(file.textValue())).exists());
    }

    @Test
    void keepsTheEntriesOfAWatch() throws Exception {
        assertThat(run(SCRIPTED + """
                import { watch } from 'sluice-events'
                const told = []
                const menu = watch('menu', { key: ['tea.>', 'milk'] }, {
                  current: revision => told.push('current ' + revision),
                  change: entry => told.push(entry.operation),
                  gap: (gap, keys) => told.push('without ' + keys),
                })
                const put = (key, revision) => opened[0].say('message', { key, revision, operation: 'put' }, 'e-' + revision)
                put('tea.green', 1)
                put('milk', 2)
                opened[0].say('current', { revision: 2 })
                opened[0].say('message', { key: 'milk', revision: 3, operation: 'delete' }, 'e-3')
                put('tea.black', 4)
                opened[0].say('gap', { from: 1, to: 3 })
                console.log(told.join('; '), [...menu.entries.keys()], menu.lastEventId, opened[0].url)
                opened[0].say('gap', { reason: 'purged' })
                console.log(menu.entries.size)
                menu.close()
                """))
                .isEqualTo("put; put; current 2; delete; put; without tea.green [ 'tea.black' ] e-4"
                        + " /v1/buckets/menu/events?key=tea.%3E&key=milk\n0");
    }

    @Test
    void keepsTheObjectsOfAWatch() throws Exception {
        assertThat(run(SCRIPTED + """
                import { watchObjects } from 'sluice-events'
                const files = watchObjects('media', { prefix: 'tea/' }, {})
                const tell = (name, revision, operation) => opened[0].say('message', { name, revision, operation })
                tell('tea/green', 2, 'put')
                tell('tea/black', 4, 'put')
                tell('tea/green', 5, 'delete')
                console.log([...files.entries.keys()], opened[0].url)
                files.close()
                """)).isEqualTo("[ 'tea/black' ] /v1/object-stores/media/events?prefix=tea%2F");
    }

    @Test
    void repeatsARefusedRequestLessAndLessOften() throws Exception {
        assertThat(run(SCRIPTED + """
                import { tail } from 'sluice-events'
                const pauses = []
                let again
                let refusal = {}
                Math.random = () => 0.5
                globalThis.setTimeout = (retry, ms) => { again = retry; pauses.push(ms) }
                globalThis.fetch = async () => ({ status: 503, headers: new Headers(refusal) })
                const live = tail({ subject: 'a' }, {})
                const refuse = async () => {
                  const source = opened.at(-1)
                  source.readyState = 2
                  source.onerror()
                  await new Promise(setImmediate)
                  again()
                }
                for (let i = 0; i < 6; i++) await refuse()
                opened.at(-1).say('status', { nats: 'connected' })
                await refuse()
                refusal = { 'Retry-After': '60' }
                await refuse()
                live.close()
                console.log(pauses.join())
                """)).isEqualTo("2000,4000,8000,16000,30000,30000,2000,75000");
    }

    /** Runs a program in a project that has the package installed, and returns what it prints. */
    private String run(String program) throws IOException, InterruptedException {
        Path modules = Files.createDirectories(project.resolve("node_modules"));
        Path installed = modules.resolve("sluice-events");
        Files.createSymbolicLink(installed, PACKAGE);
        Files.writeString(project.resolve("program.mjs"), program);
        Process node;
        try {
            node = new ProcessBuilder("node", "program.mjs")
                    .directory(project.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return abort("No node on the PATH; the package was not imported");
        }
        String printed = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(node.waitFor()).as(printed).isZero();
        Files.delete(installed);
        return printed.strip();
    }
}
