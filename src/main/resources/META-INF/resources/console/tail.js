// The tail: what the address asks for as it is published. It runs on while another view is shown.
import { tail } from '../sluice-events.js'
import { save } from './clipboard.js'
import { concrete, quote } from './commands.js'
import { Detail } from './detail.js'
import { ask } from './dialog.js'
import { colourAnew, message, notice } from './entry.js'
import { Find } from './find.js'
import { FilterForm } from './form.js'
import { described, follow, source } from './head.js'
import { Histogram } from './histogram.js'
import { older } from './history.js'
import { NO_TOKEN, Problem, UNAUTHENTICATED, anonymous, json, resource } from './http.js'
import { VirtualList, nearest } from './list.js'
import { NamedViews } from './named.js'
import { Introduction } from './introduction.js'
import { address, ago, button, copyButton, field } from './parts.js'
import { withheld } from './permissions.js'
import { draft } from './publish.js'
import { range } from './range.js'
import { RatePlot } from './rate.js'
import { Renewal } from './renewal.js'
import { Store } from './store.js'
import { tailStored } from './stored.js'
import { listable, readable, tailing } from './streams.js'
import { html, made, render } from './template.js'
import { element, moment, number } from './text.js'
import { around, filters, permalink, query, read, span, startingAt, subjects, unfiltered, write } from './view.js'

const $ = id => document.getElementById(id)
const EVENTS = { url: resource('events').pathname }
const OUTAGE_MS = 500 // shorter ones are the ordinary reconnection
const OLDER_MS = 30_000 // at most, to load older messages
const TOLD_MS = 6_000
const FORWARD = 500 // entries that come into a paused list at once
const PLACE = /^(seq|time):/ // a position at which the reader wants to be
const STORED = 8 // streams that an empty page offers
const FIRST = 1 // the sequence of any first message
const AWAY = { reconnecting: 'NATS cannot be reached', disconnected: 'Sluice cannot be reached' }

let frame
let view
let live
let ending // of the questions about the stream
let head
let state
let received = 0
let dropped = 0
let gaps = 0
let last
let lostAt
let loading = false
let reading = new AbortController() // of older messages
let pausedByScroll = false
let newCame = false // while paused: else what waits is history
let readBack = false // so far that of the messages that were shown some wait again
let wanted // the sequence of the message to select when it comes
let opening = true // whether it opens, too
let named // the sequence in the address that was opened last
let openedIn // the view of the message that is open
let counted // the subjects of the histogram
let counting = new AbortController() // of the messages over time
let connectedAt // what was published before is history, as long as `newest` is not known
let newest // the newest sequence of the stream when it was first asked: what is not after it is history
let cleared = false
let offered // the tail for which it is known, or asked, whether a stream stores its subjects
let fading // of the short text over the list

const store = new Store(() => list.refresh(), (count, from) => {
  const passed = `${number(count)} messages passed while paused`
  tell(passed)
  return notice(`${passed}: ${from === undefined ? 'more came than the list holds' : 'open to read them'}`, from)
})
const list = new VirtualList($('events'), () => store.shown, {
  scrolledUp: () => pause(true),
  // An open message takes a part of the height, which alone can bring the end of the list into view.
  scrolledToEnd: () => pausedByScroll && !detail.open ? resume() : store.take(FORWARD),
  scrolledToTop: () => {
    if (!store.paused) {
      if (!mayBeOlder()) return
      pause(true)
    }
    loadOlder()
  },
  chosen: entry => choose(entry, true),
  solo, hide,
})
const form = new FilterForm(asked => {
  go(asked)
  views.searched()
})
const rate = new RatePlot($('rate-plot'), $('rate'), () => state === 'connected')
const detail = new Detail($('detail'), {
  closed: () => $('events').focus(), solo, hide, column: toggleColumn,
  around: ({ seq }) => goTo(around(openedIn, seq), seq),
  readOn: seq => {
    goTo(startingAt(openedIn, seq), seq)
    $('events').focus() // the link goes with the notice
  },
  link: ({ seq }) => permalink(openedIn, seq),
  publish: entry => frame.go(address({ view: 'publish' }), { message: draft(entry) }),
})
const views = new NamedViews($('named'), search)
const histogram = new Histogram($('histogram'), {
  jumped: time => goToTime(time, []),
  chose: time => goToTime(time, [time.to.toISOString()]),
  whole: () => showHistogram(),
})
const renewal = new Renewal(() => {
  store.add(notice('The session was renewed: the tail goes on'))
  connect(live)
})
const introduction = new Introduction($('introduction'))
const find = new Find($('find'), list, entry => choose(entry, detail.open))

/** Shows the tail of the address. One that runs already goes on. */
export function open(within) {
  frame = within
  const asked = read()
  const seq = Number(location.hash.slice(1)) || undefined
  if (!live || write(asked) !== write(view)) {
    view = asked
    wanted = named = seq
    opening = true
    start()
  } else {
    if (seq !== undefined && seq !== named) show(seq)
    named = seq
  }
  list.comeBack()
  detail.cover(true)
  within.signal.addEventListener('abort', () => detail.cover(false))
}

/** Opens a message of the tail that runs; of an address with another view, the tail would have begun there. */
function show(seq) {
  const entry = store.shown.find(entry => entry.kind === 'message' && entry.seq === seq)
  // The box has its height in the frame after its view is shown.
  if (entry) requestAnimationFrame(() => requestAnimationFrame(() => choose(entry, true)))
}

/** The query part of the address of the tail, whatever view is shown. The event `searched` tells that it changed. */
export function search() {
  return view ? write(view) : ''
}

/** The subjects of the tail. */
export function shown() {
  return view && subjects(view).join(' ')
}

/** Tells again what this page is. */
export function introduce() {
  introduction.ask()
  showEmptiness()
}

/** The state of the connection to NATS, as the tail that runs knows it; undefined if none does. */
export function connection() {
  return state
}

export function look({ wrap }) {
  list.wrap = wrap
  list.measure()
}

// --- the tail -------------------------------------------------------------------------------------------------------

function start() {
  if (wanted === undefined && PLACE.test(view.from[0] ?? '')) [wanted, opening] = [FIRST, false]
  cleared = false
  tell('')
  $('running').hidden = false
  live?.close()
  ending?.abort()
  reading.abort()
  reading = new AbortController()
  ending = undefined
  head = newest = undefined
  received = dropped = gaps = 0
  last = lostAt = undefined
  renewal.forget()
  list.select(undefined)
  store.clear()
  store.hide(view.hide)
  colourAnew()
  list.contains = view.contains
  form.fill(view)
  form.forgive()
  showHidden()
  showColumns()
  explainEmptiness()
  if (!$('histogram').hidden && counted !== String(subjects(view))) hideHistogram()
  connect()
  resume()
}

/** @param ended the tail that goes on; undefined to begin as the view tells */
function connect(ended) {
  showState('connecting')
  connectedAt = Date.now()
  loading = false
  const on = {
    message: arrived,
    status: changed,
    gap: ({ from, to, reason }) => {
      gaps++
      if (reason) newest = 0
      store.add(notice(reason
        ? 'The stream was created again: what it held before is gone'
        : `Messages ${number(from)} to ${number(to)} are not stored any longer`))
    },
    dropped: count => {
      dropped += count
      store.add(notice(`${number(count)} messages were dropped: this browser was too slow`))
    },
    closed: async reason => {
      if (reason !== 'forbidden') return
      lostAt ??= Date.now()
      showState('ended')
      const closed = live
      const why = await renewal.wait()
      if (live === closed) store.add(notice(`Sluice ended the tail: ${why}`))
    },
    refused: async problem => {
      if (problem.parameter === 'from' && !view.stream.length) {
        const asked = live
        const stored = await source(subjects(view))
        if (live !== asked) return // another tail runs meanwhile
        if (!stored) return blameUnstored()
      }
      form.blame(problem)
      store.add(notice(problem.detail ?? problem.title))
      if (problem.status === UNAUTHENTICATED) renewal.wait()
    },
  }
  const from = ended?.from ? { tail: [], from: [ended.from] } : {}
  live = view.stream.length ? tailStored(view.stream[0], { ...query(view), ...from }, on)
    : anonymous ? refused(on, NO_TOKEN)
    : tail(query(view), on, { ...EVENTS, lastEventId: ended?.lastEventId })
}

// The page tells below how a stream is made.
function blameUnstored() {
  $('storing').hidden = false
  form.blame({ parameter: 'from', detail: `No single stream stores ${subjects(view).join(' ')} in a way that a tail can resume, so there is nothing to begin with. Start from now on, name the subjects of one stream, let a stream store these, or open a work queue from Streams.` })
  $('refusal').append(' ', made(button('Tail from now on', () => go({ ...view, from: [], tail: [] }))))
}

// As `tail` of sluice-events.js tells it.
function refused(on, problem) {
  on.status('refused')
  on.refused(problem)
  return { close() {} }
}

function arrived(event) {
  if (view.to.length && Date.parse(event.time) >= Date.parse(view.to[0])) {
    live.close()
    showState('ended')
    store.add(notice('The end of the chosen time'))
    return
  }
  received++
  if (event.seq !== undefined && !ending) measure()
  if (isNew(event)) {
    rate.count()
    newCame ||= store.paused
  }
  last = message(event)
  store.add(last)
  if (wanted !== undefined && event.seq >= wanted) stayAt(last)
}

// The clock of the browser is not that of NATS, so it decides only until the head of the stream is known.
function isNew({ seq, time }) {
  if (seq === undefined) return true
  return newest === undefined ? Date.parse(time) >= connectedAt : seq > newest
}

// What follows the message is read forward from there: it does not push it out of the view, and not out of the store.
function stayAt(entry) {
  wanted = undefined
  const open = opening
  pause()
  store.take(FORWARD)
  choose(entry, open)
}

// Only a stream has a head; that the events come from one is known by their sequences.
function measure() {
  ending?.abort()
  ending = new AbortController()
  follow(view.stream[0], subjects(view), filters(view), () => last?.seq, told => {
    head = told
    newest ??= told.newest
  }, ending.signal)
}

// A source without ids cannot load what passed during an outage, so the list says that it may be missing.
function changed(name, since) {
  if (name !== 'connected') lostAt ??= state === 'connected' ? since ?? Date.now() : undefined
  else if (lostAt) {
    const seconds = (Date.now() - lostAt) / 1_000
    if (seconds * 1_000 > OUTAGE_MS && !live.lastEventId && !view.stream.length) {
      gaps++
      store.add(notice(`Not connected for ${seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} minutes`}: live messages of this time may be missing here`))
    }
    lostAt = undefined
  }
  showState(name)
}

/** Whether the stream may hold messages before those that the list holds. */
function mayBeOlder() {
  return store.oldest?.seq > (head?.first ?? FIRST) && !store.complete
}

async function loadOlder() {
  const oldest = store.oldest
  if (loading || store.complete || oldest?.seq === undefined) return
  if (!store.paused) pause(true)
  loading = true
  const before = live
  tell('Loading older messages …', OLDER_MS)
  try {
    const { entries, complete } = await older(query(view), oldest.seq, store.room, EVENTS, head?.first ?? FIRST, view.stream[0],
      AbortSignal.any([reading.signal, AbortSignal.timeout(OLDER_MS)]))
    if (before !== live) return
    if (store.oldest !== oldest || !store.paused) return tell('') // they would not join what is held, or would exceed it
    tell(entries.length ? `${number(entries.length)} older messages` : 'No older messages')
    if (!store.prepend([...(complete ? [{ ...notice('The beginning of what is stored'), beginning: true }] : []), ...entries])) return
    pausedByScroll = false // what follows is read on from the end of the list
    readBack = true
  } catch (failure) {
    if (before === live) tell(failure.name === 'TimeoutError' ? 'Older messages are far away: start at an earlier time or sequence' : failure.message)
  } finally {
    if (before === live) loading = false
  }
}

// --- what a person does ---------------------------------------------------------------------------------------------

function pause(byScroll = false) {
  pausedByScroll = byScroll
  list.following = false
  store.pause()
  count()
}

function resume() {
  pausedByScroll = newCame = readBack = false
  store.resume()
  list.toEnd()
  count()
}

function go(next, seq, open = true) {
  view = next
  wanted = named = seq
  opening = open
  history.pushState(null, '', `${write(view) || location.pathname}${seq === undefined ? '' : `#${seq}`}`)
  dispatchEvent(new Event('searched'))
  start()
}

// A message that covers the list makes way for what is gone to.
function goTo(next, seq) {
  const opens = !detail.uncover()
  go(next, seq, opens)
}

// What its buttons do is seen only in the list.
function solo(subject) {
  detail.uncover()
  go({ ...view, subject: [subject], hide: [] })
}

function hide(subject) {
  detail.uncover()
  const left = nearest(list.entries, list.selected, entry => entry.subject !== subject)
  if (left) list.select(left)
  setHidden([...new Set([...view.hide, subject])])
}

// What is done here: the tail goes on.
function alter(change) {
  view = { ...view, ...change }
  history.replaceState(null, '', write(view) || location.pathname)
  dispatchEvent(new Event('searched'))
  form.follow(view)
}

function setHidden(subjects) {
  alter({ hide: subjects })
  store.hide(subjects)
  showHidden()
}

// A name with a dot or a space cannot be asked for.
function toggleColumn(path) {
  if (path.some(name => !/^[^\s.]+$/.test(name))) return
  const name = path.join('.')
  alter({ column: view.column.includes(name) ? view.column.filter(other => other !== name) : [...view.column, name] })
  $('column').value = view.column.join(' ')
  showColumns()
  list.measure()
}

function choose(entry, open) {
  if (!store.paused) pause(true)
  list.select(entry)
  list.reveal(entry)
  if (open && opens(entry)) {
    openedIn = view
    detail.show(entry)
  }
}

function step(by) {
  const entries = list.entries
  if (!entries.length) return
  // A list that runs on has left the message that was selected before.
  const at = store.paused ? entries.indexOf(list.selected) : -1
  const index = at >= 0 ? at : entries.length - (by < 0 ? 0 : 1)
  choose(entries[Math.min(entries.length - 1, Math.max(0, index + by))], detail.open)
  if (by > 0 && index + by >= entries.length - 1) store.take(FORWARD)
}

function toTop() {
  if (list.entries.length) choose(list.entries[0], detail.open)
  loadOlder()
}

function isMessage({ kind }) {
  return kind === 'message'
}

function opens(entry) {
  return isMessage(entry) || entry.from !== undefined
}

function selected(act, fits = isMessage) {
  return () => { if (list.selected && fits(list.selected) && list.entries.includes(list.selected)) act(list.selected) }
}

function download() {
  const lines = list.entries.filter(({ kind }) => kind === 'message').map(({ event }) => `${JSON.stringify(event)}\n`)
  save(`sluice-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.ndjson`, lines)
}

/** The stream of the tail; undefined, and told, if there is none. */
async function stream() {
  const name = view.stream[0] ?? head?.name ?? await source(subjects(view))
  tell(name ? '' : 'No stream stores all of these subjects')
  return name
}

/** @param time {from, to} that the bars cover; undefined for all of the stream */
async function showHistogram(time) {
  openHistogram(true)
  const { signal } = counting
  counted = String(subjects(view))
  const name = await stream()
  if (signal.aborted) return
  if (name) await histogram.show(name, subjects(view), time, signal)
  else hideHistogram()
}

function hideHistogram() {
  openHistogram(false)
  histogram.clear()
}

function openHistogram(open) {
  counting.abort()
  counting = new AbortController()
  $('histogram').hidden = !open
  $('over-time').setAttribute('aria-pressed', open)
}

function goToTime(time, to) {
  go({ ...view, tail: [], from: [`time:${time.from.toISOString()}`], to })
  showHistogram(time)
}

async function downloadRange() {
  const name = await stream()
  if (!name) return
  const by = field('By', 'by', { options: [['seq', 'sequence'], ['time', 'time']], value: 'seq' })
  const [from, to] = [['From', 'from', store.oldest?.seq], ['To, included', 'to', last?.seq]].map(([label, id, value]) =>
    field(label, `range-${id}`, { type: 'number', min: 1, value: value ?? '', placeholder: id === 'from' ? 'the first' : 'the last' }))
  const told = element('p', 'soft', 'The subjects and filters of the tail apply.')
  by.onchange = () => {
    const type = by.querySelector('select').value === 'time' ? 'datetime-local' : 'number'
    for (const made of [from, to]) Object.assign(made.querySelector('input'), { type, value: '', step: type === 'number' ? 1 : 0.001 })
  }
  await ask({
    title: `Download a range of ${name}`,
    body: [by, from, to, told],
    action: 'Download',
    act: async (form, signal) => {
      const timed = form.get('by') === 'time'
      const [first, end] = [form.get('range-from'), form.get('range-to')].map(text => text && timed ? new Date(text).toISOString() : text)
      const ended = ({ seq, time }) => Boolean(end) && (timed ? Date.parse(time) > Date.parse(end) : seq > Number(end))
      const progress = count => { if (count % 100 === 0) told.textContent = `${number(count)} messages` }
      const { lines, count, whole } = await range(name, query(view), first ? `${form.get('by')}:${first}` : 'all', ended, progress, signal)
      if (!count) throw new Problem({ title: 'There is no message in this range' })
      save(`${name}-${first || 'first'}-${end || 'last'}.ndjson`.replaceAll(':', ''), lines)
      tell(`${number(count)} messages${whole ? '' : ': the file is full, begin the next one after them'}`)
    },
  })
}

// --- what is always visible -----------------------------------------------------------------------------------------

/** Tells a short text over the list, which goes away again. */
export function tell(text, during = TOLD_MS) {
  clearTimeout(fading)
  $('told').textContent = text
  fading = setTimeout(() => { $('told').textContent = '' }, during)
}

function showState(name) {
  state = name
  $('state').textContent = $('state').className = name
}

function showHidden() {
  const chip = (label, hint, act) => html`<button class="chip" type="button" title=${hint} @click=${act}>${label}</button>`
  render([view.stream.map(name => chip(`stream ${name}`, 'Follow the subjects instead', () => go({ ...view, stream: [] }))),
    view.source.filter(name => name !== 'stream').map(name => chip(`source ${name}`, 'Let the subjects tell the source', () => go({ ...view, source: [] }))),
    view.to.map(time => chip(`until ${moment(time)}`, 'Go on after this time', () => go({ ...view, to: [] }))),
    view.hide.map(subject => chip(`hidden: ${subject}`, 'Show this subject again', () => setHidden(view.hide.filter(other => other !== subject))))],
  $('hidden'))
}

function showColumns() {
  list.columns = view.column.map(path => path.split('.'))
  document.documentElement.toggleAttribute('data-columns', view.column.length > 0)
  document.documentElement.style.setProperty('--columns', Math.max(1, view.column.length))
  $('columns').hidden = !view.column.length
  $('columns').replaceChildren(...['Time', 'Subject', ...view.column, 'Payload'].map(name => element('span', '', name)))
}

function count() {
  const lost = `${number(dropped)} dropped · ${number(gaps)} ${gaps === 1 ? 'gap' : 'gaps'}`
  $('counts').textContent = `${number(received)} ${received === 1 ? 'message' : 'messages'} · ${lost}`
  $('counts').classList.toggle('missing', Boolean(dropped || gaps))
  $('position').textContent = described(last, head, state === 'connected')
  $('pause').textContent = store.paused ? 'Resume' : 'Pause'
  $('pause-told').textContent = store.paused ? 'The list is paused' : ''
  // They take a part of the height, which moves the row that is pressed.
  if (!list.pressed) {
    $('paused').hidden = !store.paused
    $('older').hidden = !mayBeOlder()
  }
  $('waiting').textContent = `paused, ${number(store.waiting)} ${store.waiting && (readBack || !newCame) ? 'more below' : 'new'}`
  showEmptiness()
}

// A page without a message tells why. What is hidden came, and tells itself by its chip.
function showEmptiness() {
  if (!view) return
  const empty = !store.shown.length && (cleared || !received)
  const away = AWAY[state]
  const fresh = empty && !away && !cleared && !filters(view)
  $('nothing').hidden = !empty || fresh || state === 'connecting'
  $('unfilter').hidden = Boolean(away) || cleared
  if (!$('nothing').hidden) {
    $('nothing-told').textContent = away ?? (cleared ? 'Cleared: new messages appear here' : `Nothing of ${subjects(view).join(' ')} passes these filters`)
  }
  $('empty').hidden = !fresh
  if (!list.pressed) introduction.fit({ beside: !empty, explained: fresh, usual: !view.subject.length })
  if (fresh && state === 'connected' && offered !== live) offer()
}

// The command that makes a stream is for subjects that none stores.
async function offer() {
  offered = live
  const [name, stored] = await Promise.all([view.stream[0] ?? source(subjects(view)), storedElsewhere()])
  if (offered !== live) return
  $('storing').hidden = Boolean(name)
  $('stored').hidden = !stored.length
  render(stored.map(({ name, state, address }) => html`<li><a href=${address}>${name}</a>
    <span class="soft">${number(state.messages)} ${state.messages === 1 ? 'message' : 'messages'}, the last one ${ago(state.last_time)}</span></li>`),
  $('stored').querySelector('ul'))
}

/** The streams that hold messages which the caller may tail, those with the newest messages first. */
async function storedElsewhere() {
  try {
    if (withheld(listable)) return []
    const { streams } = await json(resource('streams'))
    return streams.filter(stream => stream.state.messages && !withheld(readable(stream)))
      .sort((one, other) => Date.parse(other.state.last_time) - Date.parse(one.state.last_time))
      .slice(0, STORED).map(stream => ({ ...stream, address: address(tailing(stream)) }))
  } catch {
    return [] // the page is as useful without them
  }
}

function explainEmptiness() {
  const patterns = subjects(view)
  const subject = concrete(patterns[0])
  const stream = subject.split('.')[0].toUpperCase().replaceAll(/[^A-Z0-9_-]/g, '_')
  const address = new URLSearchParams(patterns.map(pattern => ['subject', pattern]))
  $('patterns').textContent = patterns.join(' ')
  $('try-form').href = `?${new URLSearchParams({ view: 'publish', subject })}`
  const commands = {
    try: `curl -d hello ${quote(`${resource('publish', subject)}?ack=none`)}`,
    'try-watch': `curl -N ${quote(`${resource('events')}?${address}`)}`,
    'try-store': `curl -X PUT -H 'Content-Type: application/json' -d ${quote(JSON.stringify({ subjects: patterns }))} ${quote(resource('streams', stream).href)}`,
  }
  for (const [id, command] of Object.entries(commands)) {
    $(id).textContent = command
    const existing = $(id).nextElementSibling
    if (existing?.matches('.copy')) existing.remove()
    $(id).after(made(copyButton('Copy', () => command, 'copy')))
  }
}

$('pause').onclick = () => store.paused ? resume() : pause()
$('resume').onclick = () => {
  resume()
  $('events').focus()
}
$('older').onclick = () => {
  if (!store.paused) pause(true)
  list.reveal(list.entries[0])
  loadOlder()
  $('events').focus()
}
$('clear').onclick = () => {
  cleared = true
  store.clear()
}
$('unfilter').onclick = () => go(unfiltered(view))
$('download').onclick = download
$('range').onclick = downloadRange
$('over-time').onclick = () => $('histogram').hidden ? showHistogram(span(view)) : hideHistogram()
export const keys = {
  '/': () => $('subject').focus(),
  f: () => find.focus(),
  n: () => find.go(1),
  N: () => find.go(-1),
  ' ': () => store.paused ? resume() : pause(),
  End: resume,
  Home: toTop,
  ArrowUp: () => step(-1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  j: () => step(1),
  PageUp: () => step(-list.page()),
  PageDown: () => step(list.page()),
  Enter: selected(entry => choose(entry, true), opens),
  Escape: () => detail.open ? detail.close() : $('events').focus(),
  s: selected(({ subject }) => solo(subject)),
  h: selected(({ subject }) => hide(subject)),
}
setInterval(count, 100)
count()
