package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.NodeClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client as an npm package: a program imports it by its name, without a build step. */
class NpmPackageTest {
    private static final Path PACKAGE = Path.of("src/main/npm/sluice-events").toAbsolutePath();

    /** An EventSource whose events a program makes itself. */
    /** A clock that only {@code pass} moves, with the periodic check of the client. */
    private static final String CLOCK = """
            let now = 0
            let check
            Date.now = () => now
            globalThis.setInterval = act => { check = act }
            const pass = ms => { for (const end = now + ms; now < end;) { now += 5000; check() } }
            """;

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

    /** Timers that end at once, and a pause until everything that waited for them is done. */
    private static final String INSTANT = """
            const later = globalThis.setTimeout
            globalThis.setTimeout = act => later(act, 0)
            const settled = () => new Promise(resolve => later(resolve, 50))
            """;

    /** Uses each export. A line after {@code @ts-expect-error} must not compile. */
    private static final String STRICT = """
            import { tail, watch, watchObjects } from 'sluice-events'
            import type {
              CloseReason, Entry, Gap, Listeners, Live, Message, ObjectEntry, Options, Parameter, Problem, Status, TailListeners,
              TailOptions, TailQuery, Value, Watch, WatchListeners, WatchObjectsQuery, WatchQuery,
            } from 'sluice-events'

            const ticket: Value<string> = async () => 't'
            const limit: Parameter = [1, true, 'x']
            const options: Options = { url: '/v1/events' }
            const again: TailOptions = { ...options, lastEventId: '' }
            const both: Listeners = {
              status(state: Status, since?: number, failure?: unknown) { console.log(state === 'connected', since, failure) },
              closed(reason: CloseReason) { console.log(reason === 'lifetime') },
              refused(problem: Problem) { console.log(problem.status + 1, problem.detail?.length) },
            }
            const lost = (gap: Gap) => gap.reason === undefined ? gap.to - gap.from : gap.reason.length

            const tailed: TailQuery = { subject: ['a', 'b'], source: 'stream', level: 'info', tail: 10, ticket, limit }
            const heard: TailListeners = {
              ...both, gap: lost, dropped: count => count + 1,
              message: (message: Message, event) => console.log(message.headers.a?.[0].length, (message.seq ?? 0) + 1, event.lastEventId),
            }
            const live: Live = tail(tailed, heard, again)
            console.log(live.lastEventId.length)
            tail({ subject: 'a', format: 'raw' }, { message: text => text.length })
            live.close()

            const watched: WatchQuery = { key: 'a', from: 'new', values: true }
            const changed: WatchListeners = {
              ...both, gap: (gap, keys) => [lost(gap), keys.length],
              change: (entry: Entry) => entry.operation === 'expire' ? 0 : entry.value?.length,
              current: revision => revision + 1,
            }
            const keys: Watch = watch('menu', watched, changed, options)
            console.log(keys.entries.get('a')?.revision.toFixed())

            const listed: WatchObjectsQuery = { name: ['a'], prefix: 'b', from: 'new' }
            const files: Watch<ObjectEntry> = watchObjects('media', listed, { change: file => file.link?.store.length })
            console.log(files.entries.get('a')?.digest?.length)

            // @ts-expect-error
            watch('menu', { from: 'yesterday' }, {})
            // @ts-expect-error
            keys.entries.clear()
            // @ts-expect-error
            tail({ format: 'raw' }, { message: text => text.subject })
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

    /** Without npm and a registry the program is not compiled. */
    @Test
    void aStrictProgramCanUseAllItsTypes() throws Exception {
        Path compiler =
                NodeClient.packages().resolve("node_modules/typescript/bin/tsc").toAbsolutePath();
        Files.writeString(project.resolve("package.json"), "{\"type\":\"module\"}");
        Files.writeString(project.resolve("program.ts"), STRICT);
        Path modules = Files.createDirectories(project.resolve("node_modules"));
        Path installed = Files.createSymbolicLink(modules.resolve("sluice-events"), PACKAGE);

        String errors = output(
                "node",
                compiler.toString(),
                "--noEmit",
                "--strict",
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
                "--module",
                "nodenext",
                "program.ts");

        assertThat(errors).isEmpty();
        Files.delete(installed);
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

    @Test
    void leavesOutWhatIsUndefined() throws Exception {
        assertThat(run(SCRIPTED + """
                import { tail } from 'sluice-events'
                tail({ subject: ['a', undefined], from: undefined, tail: null, level: '' }, {}).close()
                console.log(opened[0].url)
                """)).isEqualTo("/v1/events?subject=a&level=");
    }

    /** A ticket opens one connection. */
    @Test
    void asksForAParameterBeforeEachConnection() throws Exception {
        assertThat(run(SCRIPTED + INSTANT + """
                import { tail } from 'sluice-events'
                let tickets = 0
                const live = tail({ subject: 'a', ticket: async () => 't' + ++tickets }, {})
                await settled()
                opened[0].say('message', {}, 'e-1')
                opened[0].say('closed', { reason: 'lifetime' })
                await settled()
                opened[1].onerror()
                await settled()
                live.close()
                console.log(opened.map(({ url }) => url.replace('/v1/events?subject=a&', '')).join(' '), opened[1].readyState)
                """))
                .isEqualTo("ticket=t1 ticket=t2&last_event_id=e-1 ticket=t3&last_event_id=e-1 2");
    }

    @Test
    void opensNothingForATailThatWasClosedBeforeItsParametersCame() throws Exception {
        assertThat(run(SCRIPTED + INSTANT + """
                import { tail } from 'sluice-events'
                tail({ subject: 'a', ticket: async () => 't' }, {}).close()
                await settled()
                console.log(opened.length)
                """)).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 405, 406, 414, 431, 501})
    void doesNotRepeatWhatWouldBeRefusedAgain(int status) throws Exception {
        assertThat(run(SCRIPTED + INSTANT + """
                import { tail } from 'sluice-events'
                globalThis.fetch = async () => ({ status: %d, headers: new Headers(), json: async () => ({ title: 'No' }) })
                tail({ subject: 'a' }, { refused: ({ title }) => console.log(title) })
                opened[0].readyState = 2
                opened[0].onerror()
                await settled()
                console.log(opened.length)
                """.formatted(status))).isEqualTo("No\n1");
    }

    @Test
    void tellsARefusalToNobodyAfterItWasClosed() throws Exception {
        assertThat(run(SCRIPTED + INSTANT + """
                import { tail } from 'sluice-events'
                const told = []
                let answer
                const problem = new Promise(resolve => { answer = resolve })
                globalThis.fetch = async () => ({ status: 400, headers: new Headers(), json: () => problem })
                const live = tail({ subject: 'a' }, { refused: () => told.push('refused'), status: state => told.push(state) })
                opened[0].readyState = 2
                opened[0].onerror()
                await settled()
                live.close()
                answer({ title: 'No' })
                await settled()
                console.log(told.join())
                """)).isEqualTo("disconnected");
    }

    /** The question is a tail, too: in the group it would take messages from the others. */
    @Test
    void joinsNoQueueGroupToAskWhyItIsRefused() throws Exception {
        assertThat(run(SCRIPTED + INSTANT + """
                import { tail } from 'sluice-events'
                const asked = []
                globalThis.fetch = async url => {
                  asked.push(url)
                  return url.includes('queue')
                    ? { status: 400, ok: false, headers: new Headers(), json: async () => ({ title: 'No such group' }) }
                    : { status: 200, ok: true, headers: new Headers() }
                }
                tail({ subject: 'a', queue: '*' }, { refused: ({ title }) => asked.push(title) })
                for (let i = 0; i < 2; i++) {
                  opened.at(-1).readyState = 2
                  opened.at(-1).onerror()
                  await settled()
                }
                console.log(asked.join(' '))
                """))
                .isEqualTo("/v1/events?subject=a /v1/events?subject=a&queue=* No such group");
    }

    /** A connection that lost its network without a word looks as if nothing was published. */
    @Test
    void opensAConnectionAgainThatIsSilentForTooLong() throws Exception {
        assertThat(run(SCRIPTED + CLOCK + """
                import { tail } from 'sluice-events'
                const told = []
                const live = tail({ subject: 'a' }, { status: (state, since) => told.push(state + ' ' + since) })
                pass(600000)
                opened[0].say('message', {}, 'e-1')
                pass(600000)
                const before = opened.length
                pass(150000)
                console.log(before, opened.length, told.join(), opened[1].url)
                live.close()
                """))
                .isEqualTo("1 2 disconnected 600000 /v1/events?subject=a&last_event_id=e-1");
    }

    @Test
    void opensNothingAfterItsOwnListenerHasClosedIt() throws Exception {
        assertThat(run(SCRIPTED + CLOCK + """
                import { tail } from 'sluice-events'
                const live = tail({ subject: 'a' }, { status: state => { if (state === 'disconnected') live.close() } })
                pass(780000)
                console.log(opened.length)
                """)).isEqualTo("1");
    }

    /** Runs a program in a project that has the package installed, and returns what it prints. */
    private String run(String program) throws IOException, InterruptedException {
        Path modules = Files.createDirectories(project.resolve("node_modules"));
        Path installed = modules.resolve("sluice-events");
        Files.createSymbolicLink(installed, PACKAGE);
        Files.writeString(project.resolve("program.mjs"), program);
        String printed = output("node", "program.mjs");
        Files.delete(installed);
        return printed;
    }

    private String output(String... command) throws IOException, InterruptedException {
        Process node;
        try {
            node = new ProcessBuilder(command)
                    .directory(project.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return abort("No node on the PATH; the package was not imported");
        }
        String printed = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(node.waitFor()).as(printed).isZero();
        return printed.strip();
    }
}
