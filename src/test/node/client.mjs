// Does what each line of the standard input asks, {"op":…}, and answers it with one line of JSON.
import { createInterface } from 'node:readline';
import { connect, headers } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { createParser } from 'eventsource-parser';

const nats = await connect({ servers: process.argv[2] });
const subscriptions = new Map();

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

const operations = {
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
