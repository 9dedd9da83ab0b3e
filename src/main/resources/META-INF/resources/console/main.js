// The console: tails what the address asks for, and joins its parts.
import { tail } from '../sluice-events.js'
import { save } from './clipboard.js'
import { Detail } from './detail.js'
import { message, notice } from './entry.js'
import { Find } from './find.js'
import { FilterForm } from './form.js'
import { older } from './history.js'
import { bind } from './keys.js'
import { VirtualList } from './list.js'
import { RatePlot } from './rate.js'
import { Settings } from './settings.js'
import { ENTRIES, Store } from './store.js'
import { element, number } from './text.js'
import { permalink, query, read, subjects, write } from './view.js'
import './session.js'

const $ = id => document.getElementById(id)
const EVENTS = { url: new URL('v1/events', document.baseURI).pathname }
const OUTAGE_MS = 500 // shorter ones are the ordinary reconnection

let view = read()
let live
let state
let received = 0
let dropped = 0
let gaps = 0
let last
let lostAt
let loading = false
let complete = false
let pausedByScroll = false
let wanted = Number(location.hash.slice(1)) || undefined

const store = new Store(() => list.show(store.shown))
const list = new VirtualList($('events'), {
  scrolledUp: () => pause(true),
  scrolledToEnd: () => { if (pausedByScroll) resume() },
  scrolledToTop: loadOlder,
  chosen: entry => choose(entry, true),
  solo, hide,
})
const form = new FilterForm(go)
const rate = new RatePlot($('rate-area'), $('rate'))
const detail = new Detail($('detail'), {
  closed: () => $('events').focus(), solo, hide, link: ({ seq }) => permalink(view, seq),
})
const find = new Find($('find'), list, entry => choose(entry, detail.open))
const settings = new Settings(({ wrap }) => {
  list.wrap = wrap
  list.measure()
})

// --- the tail -------------------------------------------------------------------------------------------------------

function start() {
  live?.close()
  received = dropped = gaps = 0
  last = lostAt = undefined
  complete = loading = false
  resume()
  store.clear()
  store.hide(view.hide)
  form.fill(view)
  form.forgive()
  showHidden()
  explainEmptiness()
  live = tail(query(view), {
    message: arrived,
    status: changed,
    gap: ({ from, to, reason }) => {
      gaps++
      store.add(notice(reason
        ? 'The stream was created again: what it held before is gone'
        : `Messages ${number(from)} to ${number(to)} are not stored any longer`))
    },
    dropped: count => {
      dropped += count
      store.add(notice(`${number(count)} messages were dropped: this browser was too slow`))
    },
    closed: reason => { if (reason === 'forbidden') store.add(notice('Sluice ended the tail: it is not allowed any longer')) },
    refused: problem => {
      form.blame(problem)
      store.add(notice(problem.detail ?? problem.title))
    },
  }, EVENTS)
}

function arrived(event) {
  received++
  rate.count()
  last = message(event)
  store.add(last)
  if (wanted !== undefined && event.seq >= wanted) {
    const entry = last
    wanted = undefined
    requestAnimationFrame(() => requestAnimationFrame(() => choose(entry, true)))
  }
}

// A live source without sequences cannot load what passed during an outage, so the list says that it may be missing.
function changed(name) {
  if (name !== 'connected') lostAt ??= state === 'connected' ? Date.now() : undefined
  else if (lostAt) {
    const seconds = (Date.now() - lostAt) / 1_000
    if (seconds * 1_000 > OUTAGE_MS && last?.seq === undefined) {
      gaps++
      store.add(notice(`Not connected for ${seconds.toFixed(1)} s: live messages of this time may be missing here`))
    }
    lostAt = undefined
  }
  state = name
  $('state').textContent = name
  $('state').className = name
}

async function loadOlder() {
  const oldest = store.oldest
  if (loading || complete || oldest?.seq === undefined) return
  if (!store.room) return tell(`${number(ENTRIES)} messages are held: start at an earlier time or sequence for older ones`)
  loading = true
  const before = live
  tell('Loading older messages …')
  try {
    const result = await older(query(view), oldest.seq, store.room, EVENTS)
    if (before !== live) return
    complete = result.complete
    store.prepend([...(complete ? [notice('The beginning of what is stored')] : []), ...result.events.map(message)])
    tell(result.events.length ? `${number(result.events.length)} older messages` : 'No older messages')
  } catch (failure) {
    tell(failure.message)
  } finally {
    loading = false
  }
}

// --- what a person does ---------------------------------------------------------------------------------------------

function pause(byScroll = false) {
  pausedByScroll = byScroll
  list.following = false
  store.pause()
}

function resume() {
  pausedByScroll = false
  store.resume(count => notice(`${number(count)} messages passed: more than ${number(ENTRIES)} came while paused`))
  list.toEnd()
}

function go(next) {
  view = next
  history.pushState(null, '', write(view) || location.pathname)
  start()
}

function solo(subject) {
  go({ ...view, subject: [subject], hide: [] })
}

function hide(subject) {
  setHidden([...new Set([...view.hide, subject])])
}

// Hiding is done here, so the tail goes on.
function setHidden(subjects) {
  view = { ...view, hide: subjects }
  history.replaceState(null, '', write(view) || location.pathname)
  store.hide(subjects)
  form.fill(view)
  showHidden()
}

function choose(entry, open) {
  if (!store.paused) pause(true)
  list.select(entry)
  list.reveal(entry)
  if (open && entry.kind === 'message') detail.show(entry)
}

function step(by) {
  const entries = list.entries
  if (!entries.length) return
  const index = list.selected ? entries.indexOf(list.selected) : entries.length - (by < 0 ? 0 : 1)
  choose(entries[Math.min(entries.length - 1, Math.max(0, index + by))], detail.open)
}

function toTop() {
  if (list.entries.length) choose(list.entries[0], detail.open)
  loadOlder()
}

function selected(act) {
  return () => { if (list.selected?.kind === 'message') act(list.selected) }
}

function download() {
  const lines = list.entries.filter(({ kind }) => kind === 'message').map(({ event }) => `${JSON.stringify(event)}\n`)
  save(`sluice-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.ndjson`, lines)
}

// --- what is always visible -----------------------------------------------------------------------------------------

function tell(text) {
  $('told').textContent = text
}

function showHidden() {
  $('hidden').replaceChildren(...view.hide.map(subject => {
    const chip = element('button', 'chip', `hidden: ${subject}`)
    chip.type = 'button'
    chip.title = 'Show this subject again'
    chip.onclick = () => setHidden(view.hide.filter(other => other !== subject))
    return chip
  }))
}

function count() {
  const lost = `${number(dropped)} dropped · ${number(gaps)} ${gaps === 1 ? 'gap' : 'gaps'}`
  $('counts').textContent = `${number(received)} messages · ${lost}`
  $('counts').classList.toggle('missing', Boolean(dropped || gaps))
  $('position').textContent = last?.seq === undefined ? '' : `at ${number(last.seq)}`
  $('pause').setAttribute('aria-pressed', store.paused)
  $('pause').textContent = store.paused ? 'Resume' : 'Pause'
  $('paused').hidden = !store.paused
  $('waiting').textContent = `paused, ${number(store.waiting)} new`
  $('empty').hidden = store.shown.length > 0
}

function explainEmptiness() {
  const patterns = subjects(view)
  $('patterns').textContent = patterns.join(' ')
  const subject = patterns[0].split('.').map(token => ['*', '>'].includes(token) ? 'demo' : token).join('.')
  const url = new URL(`v1/publish/${encodeURIComponent(subject)}`, document.baseURI)
  $('try').textContent = `curl -d 'hello' '${url}?ack=none'`
}

$('pause').onclick = () => store.paused ? resume() : pause()
$('resume').onclick = () => {
  resume()
  $('events').focus()
}
$('clear').onclick = () => store.clear()
$('download').onclick = download
$('keys').onclick = () => $('help').showModal()
onpopstate = () => {
  view = read()
  start()
}
bind({
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
  Enter: selected(entry => detail.show(entry)),
  Escape: () => detail.open ? detail.close() : $('events').focus(),
  s: selected(({ subject }) => solo(subject)),
  h: selected(({ subject }) => hide(subject)),
  w: () => settings.toggle('wrap'),
  d: () => settings.toggle('dense'),
  t: () => settings.nextTheme(),
  '?': () => $('help').showModal(),
})
setInterval(count, 100)
start()
count()
