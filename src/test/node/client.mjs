// Does what each line of the standard input asks, {"op":…}, and answers it with one line of JSON.
import { createInterface } from 'node:readline';
import { connect, headers } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { CloudEvent, HTTP } from 'cloudevents';
import { createParser } from 'eventsource-parser';

const nats = await connect({ servers: process.argv[2] });
const subscriptions = new Map();

const buckets = new Map();
const stores = new Map();
const watches = new Map();
const manager = await jetstreamManager(nats);

const bytes = (text) => Buffer.from(text ?? '', 'base64');

function withHeaders(fields) {
  if (!fields) return {};
  const all = headers();
  Object.entries(fields).forEach(([name, value]) => all.set(name, value));
  return { headers: all };
}

const view = (message) => ({
  subject: message.subject,
  data: Buffer.from(message.data).toString('base64'),
  headers: Object.fromEntries((message.headers?.keys() ?? []).map((name) => [name, message.headers.get(name)])),
});

async function events({ url, lastEventId, count }) {
  const cut = new AbortController();
  const answer = await fetch(url, {
    headers: { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) },
    signal: cut.signal,
  });
  const seen = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => (!event || event === 'binary') && seen.push({ id, event, data }),
  });
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of answer.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (seen.length >= count) break;
  }
  cut.abort();
  return { events: seen.slice(0, count) };
}

async function opened(known, name, open) {
  if (!known.has(name)) known.set(name, await open(name));
  return known.get(name);
}

const bucketOf = (name) => opened(buckets, name, (bucket) => new Kvm(nats).open(bucket));
const storeOf = (name) => opened(stores, name, (store) => new Objm(nats).open(store));

const base64 = (data) => Buffer.from(data).toString('base64');

const entryView = (entry) => ({
  operation: entry.operation,
  revision: entry.revision,
  time: entry.created.toISOString(),
  // The entries of the client have no headers, but the message that they were made of.
  headers: fields(entry.sm.header ?? entry.sm.headers),
  ...(entry.operation === 'PUT' && { value: base64(entry.value) }),
});

/** Headers by name: those of a message, or those in the JSON of an object. A direct get adds four of its own. */
const DIRECT = ['Nats-Stream', 'Nats-Subject', 'Nats-Sequence', 'Nats-Time-Stamp'];
function fields(headers) {
  if (!headers?.keys) return headers ?? {};
  return Object.fromEntries(
    headers.keys().filter((name) => !DIRECT.includes(name)).map((name) => [name, headers.values(name)]));
}

const objectView = (info) => ({
  name: info.name,
  size: info.size ?? 0,
  chunks: info.chunks ?? 0,
  ...(info.size && { digest: info.digest }),
  ...(info.description && { description: info.description }),
  headers: fields(info.headers),
  metadata: info.metadata ?? {},
  ...(info.options?.link && { link: { store: info.options.link.bucket, name: info.options.link.name } }),
});

const keyChange = (entry) => ({ key: entry.key, ...entryView(entry) });

const objectChange = (info) => (info.deleted ? { name: info.name, deleted: true } : objectView(info));

const storedView = (message) => ({
  subject: message.subject,
  seq: message.seq,
  time: message.time.toISOString(),
  data: base64(message.data),
  headers: fields(message.header ?? message.headers),
});

async function all(iterator, view) {
  const seen = [];
  for await (const item of iterator) seen.push(view(item));
  return seen;
}

/** A revision, or that the server has refused the condition. */
async function written(revision) {
  try {
    return { revision: await revision };
  } catch (error) {
    if (error.code === 10071 || error.api_error?.err_code === 10071) return { refused: true };
    throw error;
  }
}

function watching(watch, iterable, view) {
  watches.set(watch, { iterator: iterable[Symbol.asyncIterator](), view });
  return {};
}

const operations = {
  /** The client writes no headers, so a value with some is published. */
  async kvPut({ bucket, key, data, headers }) {
    if (!headers) return written((await bucketOf(bucket)).put(key, bytes(data)));
    const { seq } = await jetstream(nats).publish(`$KV.${bucket}.${key}`, bytes(data), withHeaders(headers));
    return { revision: seq };
  },
  async kvCreate({ bucket, key, data, ttl }) {
    return written((await bucketOf(bucket)).create(key, bytes(data), ttl));
  },
  async kvUpdate({ bucket, key, data, revision }) {
    return written((await bucketOf(bucket)).update(key, bytes(data), revision));
  },
  async kvDelete({ bucket, key }) {
    await (await bucketOf(bucket)).delete(key);
    return {};
  },
  async kvPurge({ bucket, key, ttl }) {
    await (await bucketOf(bucket)).purge(key, ttl && { ttl });
    return {};
  },
  async kvGet({ bucket, key, revision }) {
    const entry = await (await bucketOf(bucket)).get(key, revision && { revision });
    return entry ? entryView(entry) : {};
  },
  async kvKeys({ bucket, filter }) {
    return { keys: (await all(await (await bucketOf(bucket)).keys(filter), (key) => key)).sort() };
  },
  async kvHistory({ bucket, key }) {
    return { entries: await all(await (await bucketOf(bucket)).history({ key }), entryView) };
  },
  async kvWatch({ watch, bucket }) {
    return watching(watch, await (await bucketOf(bucket)).watch(), keyChange);
  },
  async objectWatch({ watch, store }) {
    return watching(watch, await (await storeOf(store)).watch({ includeHistory: true }), objectChange);
  },
  async watched({ watch }) {
    const { iterator, view } = watches.get(watch);
    return view((await iterator.next()).value);
  },
  async objectPut({ store, name, data, description, metadata, headers }) {
    const meta = { name, description, metadata, ...withHeaders(headers) };
    return objectView(await (await storeOf(store)).putBlob(meta, bytes(data)));
  },
  async objectGet({ store, name }) {
    const data = await (await storeOf(store)).getBlob(name);
    return data ? { data: base64(data), info: objectView(await (await storeOf(store)).info(name)) } : {};
  },
  async objectInfo({ store, name }) {
    const info = await (await storeOf(store)).info(name);
    return info && !info.deleted ? { info: objectView(info) } : {};
  },
  async objectLink({ store, name, target }) {
    const objects = await storeOf(store);
    await objects.link(name, await objects.info(target));
    return {};
  },
  async objectDelete({ store, name }) {
    await (await storeOf(store)).delete(name);
    return {};
  },
  async objectList({ store }) {
    const listed = await (await storeOf(store)).list();
    return { objects: listed.filter((info) => !info.deleted).map(objectView) };
  },
  async stored({ stream, seq }) {
    return storedView(await manager.streams.getMessage(stream, { seq }));
  },
  async last({ stream, subject }) {
    return storedView(await manager.streams.getMessage(stream, { last_by_subj: subject }));
  },
  async direct({ stream, seq }) {
    return storedView(await manager.direct.getMessage(stream, { seq }));
  },
  async sendEvent({ url, mode, event }) {
    const { headers, body } = HTTP[mode](new CloudEvent(event));
    const answer = await fetch(url, { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.text() };
  },
  async receiveEvent({ url }) {
    const answer = await fetch(url, { headers: { Accept: 'application/cloudevents+json' } });
    return HTTP.toEvent({ headers: Object.fromEntries(answer.headers), body: await answer.text() }).toJSON();
  },
  async publish({ subject, data, headers }) {
    nats.publish(subject, bytes(data), withHeaders(headers));
    await nats.flush();
    return {};
  },
  async store({ subject, data, headers }) {
    const { stream, seq } = await jetstream(nats).publish(subject, bytes(data), withHeaders(headers));
    return { stream, seq };
  },
  async subscribe({ subject }) {
    subscriptions.set(subject, nats.subscribe(subject)[Symbol.asyncIterator]());
    await nats.flush();
    return {};
  },
  async next({ subject }) {
    return view((await subscriptions.get(subject).next()).value);
  },
  async echo({ subject }) {
    nats.subscribe(subject, {
      callback: (_, message) => message.respond(message.data, { headers: message.headers }),
    });
    await nats.flush();
    return {};
  },
  async request({ subject, data }) {
    return view(await nats.request(subject, bytes(data), { timeout: 5000 }));
  },
  events,
};

console.log(JSON.stringify({}));
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = await operations[asked.op](asked).catch((error) => ({ error: String(error) }));
  console.log(JSON.stringify(answer));
}
await nats.close();
