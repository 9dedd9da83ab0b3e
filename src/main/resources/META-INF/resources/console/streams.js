// Streams: what they hold and how fast they grow, and how far their consumers are.
import { concrete } from './commands.js'
import { ask } from './dialog.js'
import { json, listing, resource, send, withJson } from './http.js'
import { tree } from './json.js'
import { address, ago, button, cutNote, facts, field, heading, link, loading, problemNote, table } from './parts.js'
import { may } from './permissions.js'
import { Poll, outcome } from './poll.js'
import { Levels, Readings } from './readings.js'
import { attempt } from './reread.js'
import { html, nothing, render } from './template.js'
import { element, moment, number, size, span, visible } from './text.js'
import { decimal } from './time-plot.js'

const EVERY_MS = 2_000
const EXAMINE_MS = 10_000
const EXAMINED = 16 // streams of the list whose consumers are read, too
const ALARMING = ['stuck', 'full', 'unread']
const TAILS = 'sluice-replay-' // names of the consumers with which Sluice reads streams, for tails and other requests
const STILL_MS = 30_000 // a consumer that moves less often than this is worth a look

// Kept while other views are shown.
const readings = new Map() // name of a stream → Readings
const followed = new Map() // name of a stream → for each of its consumers where it was, since when, and Levels of what is pending

/** The permission to list streams, as of `withheld`. */
export const listable = 'some consume > or some administer >'

export const title = 'Streams'

export function open(box, parameters, frame) {
  const name = parameters.get('stream')
  if (name) one(box, name, frame)
  else all(box, frame)
}

function all(box, { signal }) {
  const alarms = new Map() // name of a stream → states of its consumers that are worth a look
  let streams
  let cut
  let examining
  const filter = field('Filter', 'filter', { type: 'search', placeholder: 'name or subject', oninput: () => show() })
  const show = failure => {
    const text = filter.querySelector('input').value.toLowerCase()
    const matching = streams?.filter(({ name, subjects }) => `${name} ${subjects.join(' ')}`.toLowerCase().includes(text))
    render([heading([['Streams']], filter), failure ? problemNote(failure) : nothing, streams
      ? html`<div class="body">${matching.length ? overview(matching, alarms) : none(streams)}${cutNote(cut, 'streams')}</div>`
      : failure ? nothing : loading], box)
  }
  show()
  new Poll(() => attempt(async () => {
    ({ entries: streams, cut } = await listing(resource('streams'), 'streams', signal))
    for (const stream of streams) note(stream)
    const names = new Set(streams.map(({ name }) => name))
    for (const known of [readings, followed]) for (const name of known.keys()) if (!names.has(name)) known.delete(name)
    examining ??= new Poll(examine, EXAMINE_MS, signal)
  }, show, signal), EVERY_MS, signal)

  // Without it the list is there, too.
  async function examine() {
    try {
      for (const { name } of streams.filter(({ state }) => state.consumers).slice(0, EXAMINED)) {
        const { entries: consumers } = await listing(resource('streams', name, 'consumers'), 'consumers', signal)
        const words = noteConsumers(name, consumers).map(([word]) => word)
        alarms.set(name, ALARMING.filter(word => words.includes(word)))
      }
      return true
    } catch (failure) {
      return outcome(failure)
    }
  }
}

const overview = (streams, alarms) => table('Streams', [['Stream'], ['Messages/s', 'number'], ['Last 5 minutes', 'graph'], ['Messages', 'number'],
  ['Size', 'number'], ['First', 'number'], ['Last', 'number'], ['Consumers', 'number'], ['Storage'], ['Replicas', 'number']],
streams, ({ name }) => name, ({ name, subjects, state, limits }) => [
  [link(name, { view: 'streams', stream: name }, { kind: 'name' }), html`<div class="soft subjects">${visible(subjects.join(' '))}</div>`],
  perSecond(name), plot(name), number(state.messages), size(state.bytes), number(state.first_seq), number(state.last_seq),
  [number(state.consumers), alarms.get(name)?.map(word => html`<div><span class="state ${word}">${word}</span></div>`)], limits.storage, number(limits.replicas),
])

const none = streams => html`<p class="none">${streams.length ? 'No stream matches.'
  : 'There is no stream that this caller may see. A stream stores the messages of its subjects; PUT /v1/streams/{name} creates one.'}</p>`

function one(box, name, { signal, go }) {
  let read
  let configuration
  let told = ''
  const show = failure => render([heading([['Streams', { view: 'streams' }], [name]], read ? actions(read.stream) : nothing),
    html`<p class="told" role="status">${told}</p>`, failure ? problemNote(failure) : nothing, read
      ? html`<div class="body">${growth(name)}${holds(read.stream)}${followers(name, read)}${cutNote(read.cut, 'consumers')}
        <details class="more"><summary>Configuration</summary>${configuration}</details></div>`
      : failure ? nothing : loading], box)
  show()
  const poll = new Poll(() => attempt(async () => {
    const stream = await json(resource('streams', name), { signal }) // one that is not there has no consumers to ask for
    const { entries: consumers, cut } = await listing(resource('streams', name, 'consumers'), 'consumers', signal)
    note(stream)
    read = { stream, consumers, conditions: noteConsumers(name, consumers), cut }
    configuration ??= element('div', 'payload', tree(stream.configuration))
  }, show, signal), EVERY_MS, signal)

  const actions = stream => [
    link('Tail', tailing(stream), { kind: 'button', needs: readable(stream) }),
    stream.subjects.length ? publishTo(concrete(stream.subjects[0])) : nothing,
    button('Purge …', () => purge(stream), { needs: `administer ${name}.*` }),
    button('Delete …', remove, { needs: `administer ${name}.*` }),
  ]

  async function purge(stream) {
    let purged
    const done = await ask({
      title: `Purge ${name}?`,
      body: [html`<p>Messages are removed for good. Consumers stay.</p>`,
        field('Only on this subject', 'subject', { placeholder: stream.subjects[0] ?? '' }),
        field('Keep the newest', 'keep', { type: 'number', min: 0, placeholder: '0' })],
      action: 'Purge',
      typed: name,
      act: async form => {
        const what = { subject: form.get('subject') || undefined, keep: Number(form.get('keep')) || undefined };
        ({ purged } = await json(resource('streams', name, 'purge'), withJson('POST', what)))
      },
    })
    if (!done) return
    told = `${number(purged)} ${purged === 1 ? 'message' : 'messages'} removed.`
    show()
    poll.refresh()
  }

  async function remove() {
    const done = await ask({
      title: `Delete ${name}?`,
      body: html`<p>The stream is deleted with all of its messages and consumers.</p>`,
      action: 'Delete',
      typed: name,
      act: () => send(resource('streams', name), { method: 'DELETE' }),
    })
    if (done) go(address({ view: 'streams' }))
  }
}

function note({ name, state }) {
  if (!readings.has(name)) readings.set(name, new Readings())
  readings.get(name).add(state.last_seq)
}

function lag(stream, consumer) {
  const { plot, most } = followed.get(stream).get(consumer).levels
  return html`<time-plot role="img" aria-label="Messages that were pending for ${consumer} in the last 5 minutes, at most ${number(most)}"
    data-unit="pending" .data=${plot}></time-plot>`
}

function perSecond(name) {
  const { rate } = readings.get(name)
  return rate === undefined ? '–' : decimal(rate)
}

function plot(name, axes = false) {
  const { plot, most } = readings.get(name)
  return html`<time-plot role="img" aria-label="Messages per second of ${name} in the last 5 minutes, at most ${decimal(most)}"
    data-unit="messages/s" ?axes=${axes} .data=${plot}></time-plot>`
}

const growth = name => html`<div class="growth"><p><strong>${perSecond(name)}</strong> messages/s</p>${plot(name, true)}</div>`

function holds({ subjects, state, limits, created }) {
  const at = (sequence, time) => time ? html`${number(sequence)} <span class="soft">${ago(time)}, ${moment(time)}</span>`
    : number(sequence)
  return facts([
    ['Subjects', subjects.length ? visible(subjects.join(' ')) : 'none of its own'],
    ['Messages', number(state.messages)],
    ['Size', limits.max_bytes ? `${size(state.bytes)} of ${size(limits.max_bytes)}` : size(state.bytes)],
    ['First', at(state.first_seq, state.first_time)],
    ['Last', at(state.last_seq, state.last_time)],
    ['Kept', [limits.retention, limits.max_age && `for ${span(limits.max_age)}`, limits.max_messages && `at most ${number(limits.max_messages)}`]
      .filter(Boolean).join(', ')],
    ['Storage', `${limits.storage}, ${number(limits.replicas)} ${limits.replicas === 1 ? 'replica' : 'replicas'}`],
    ['Created', created && ago(created)],
  ])
}

const followers = (stream, { consumers, conditions }) => html`<div><h3>Consumers</h3>${consumers.length
  ? table('Consumers', [['Consumer'], ['State'], ['Pending', 'number'], ['Last 5 minutes', 'graph'], ['Ack pending', 'number'], ['Redelivered', 'number'],
    ['Waiting pulls', 'number'], ['Delivered', 'number'], ['Acked', 'number']], consumers, ({ name }) => name, consumer => {
    const { name, state, kind, durable, filter_subjects: filters } = consumer
    const [word, advice] = conditions[consumers.indexOf(consumer)]
    return [
      html`<span class="name">${name}</span><div class="soft subjects">${visible([name.startsWith(TAILS) ? 'a reader of Sluice' : kind, durable ? 'durable' : 'ephemeral', ...filters].join(' '))}</div>`,
      html`<span class="state ${word}">${word}</span><div class="soft">${advice}</div>`,
      number(state.pending), lag(stream, name), number(state.ack_pending), number(state.redelivered), number(state.waiting),
      number(state.delivered_seq), number(state.acked_seq),
    ]
  })
  : html`<p class="none">${may('consume', `${stream}.*`) ? 'No consumers.' : 'No consumers that this caller may see.'}</p>`}</div>`

/** Notes where the consumers are, and what is pending. Returns the condition of each. */
function noteConsumers(stream, consumers) {
  const before = followed.get(stream)
  const now = new Map(consumers.map(({ name, state }) => {
    const place = `${state.delivered_seq} ${state.acked_seq}`
    const known = before?.get(name)
    const levels = known?.levels ?? new Levels()
    levels.add(state.pending)
    return [name, { place, since: known?.place === place ? known.since : Date.now(), levels }]
  }))
  followed.set(stream, now)
  return consumers.map(consumer => condition(consumer, Date.now() - now.get(consumer.name).since))
}

/** One word for a consumer that has not moved for some time, and why. */
function condition({ kind, ack_policy: policy, max_ack_pending: limit, state }, still) {
  const since = `for ${Math.round(still / 1_000)} s`
  if (state.paused) return ['paused', 'NATS delivers nothing until the pause ends']
  if (state.ack_pending && limit > 0 && state.ack_pending >= limit) return ['full', `${number(limit)} messages wait for an ack, more are not delivered`]
  if (policy !== 'none' && state.ack_pending && still > STILL_MS) return ['stuck', `nothing delivered or acked ${since}`]
  if (state.pending && kind === 'pull' && !state.waiting && still > STILL_MS) return ['unread', `nobody has fetched ${since}`]
  if (state.pending || state.ack_pending) return ['behind', state.pending ? 'messages wait for delivery' : 'messages wait for an ack']
  return ['current', 'has settled everything']
}

const publishTo = subject => link('Publish', { view: 'publish', subject }, { kind: 'button', needs: `publish ${subject} or request ${subject}` })

/** The permission to tail the stream, as of `withheld`. */
export const readable = ({ subjects }) => subjects.map(subject => `subscribe ${subject}`).join(' or ') || 'subscribe >'

/** The parameters of a tail of the last messages of the stream, and of what comes. */
export function tailing(stream) {
  const subjects = stream.subjects.length ? stream.subjects : ['>']
  return [...subjects.filter(subject => may('subscribe', subject)).map(subject => ['subject', subject]), origin(stream), ['tail', '100']]
}

/**
 * The parameter of a tail that reads the stream. One without subjects is a mirror or a copy. Like a stream that keeps messages
 * for its consumers, GET /v1/events does not follow it, but it can be read.
 */
export const origin = ({ name, subjects, limits }) =>
  subjects.length && limits.retention === 'limits' ? ['source', 'stream'] : ['stream', name]
