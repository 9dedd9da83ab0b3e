// The live tail. Keeps the last ROWS messages, what it shows in the address, and its place when somebody scrolls up.
import { tail } from './sluice-events.js'

const ROWS = 1000
const EDITED = ['subject', 'from', 'tail', 'contains', 'match']
const KEPT = ['not', 'header', 'source']

const $ = id => document.getElementById(id)
const list = $('events')
const scroller = list.parentElement
const asked = name => new URLSearchParams(location.search).getAll(name).filter(Boolean)

let live
let waiting = []
let paused = false
let seen = 0
let dropped = 0

function open() {
  live?.close()
  const query = Object.fromEntries([...EDITED, ...KEPT].map(name => [name, asked(name)]))
  if (!query.subject.length) query.subject = ['logs.>']
  live = tail(query, {
    message: text => add(message(text)),
    status: state,
    gap: ({ from, to, reason }) => add(notice(reason
      ? 'The stream was created again: what it held before is gone'
      : `Messages ${from} to ${to} are not stored any longer`)),
    dropped: number => {
      dropped += number
      add(notice(`${number} messages were dropped: this browser was too slow`))
    },
    refused: ({ title, detail }) => add(notice(detail ?? title)),
  })
}

function message({ subject, time, data, data_base64 }) {
  seen++
  return row('', time, subject, data ?? `base64: ${data_base64}`)
}

function notice(text) {
  return row('notice', new Date().toISOString(), text)
}

function row(kind, time, ...texts) {
  const item = document.createElement('li')
  item.className = kind
  const when = document.createElement('time')
  when.dateTime = time
  when.textContent = new Date(time).toISOString().slice(11, 23)
  item.append(when, ...texts.map(text => {
    const cell = document.createElement('span')
    cell.textContent = text
    return cell
  }))
  return item
}

// One change of the page for each frame that the browser draws, however many messages came.
function add(item) {
  if (waiting.push(item) > ROWS) waiting.shift()
  if (waiting.length === 1) requestAnimationFrame(show)
  count()
}

function show() {
  if (paused) return
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40
  list.append(...waiting.splice(0))
  while (list.childElementCount > ROWS) list.firstChild.remove()
  if (atEnd) scroller.scrollTop = scroller.scrollHeight
  count()
}

function count() {
  const parts = [`${seen} messages`]
  if (dropped) parts.push(`${dropped} dropped`)
  if (paused && waiting.length) parts.push(`${waiting.length} waiting`)
  $('counts').textContent = parts.join(', ')
}

function state(name) {
  $('state').textContent = name
  $('state').className = name
}

// The form shows what the address asks for, also a beginning that it does not offer by itself.
function fill() {
  $('subject').value = asked('subject').join(' ')
  $('contains').value = asked('contains')[0] ?? ''
  $('match').value = asked('match')[0] ?? ''
  const begin = ['from', 'tail'].flatMap(name => asked(name).map(value => `${name}=${value}`))[0] ?? ''
  if (![...$('begin').options].some(option => option.value === begin)) $('begin').add(new Option(begin, begin))
  $('begin').value = begin
}

$('query').onsubmit = event => {
  event.preventDefault()
  const query = new URLSearchParams($('subject').value.split(/\s+/).filter(Boolean).map(value => ['subject', value]))
  new URLSearchParams($('begin').value).forEach((value, name) => query.append(name, value))
  for (const name of ['contains', 'match']) if ($(name).value) query.append(name, $(name).value)
  for (const name of KEPT) asked(name).forEach(value => query.append(name, value))
  history.pushState(null, '', query.size ? `?${query}` : location.pathname)
  waiting = []
  list.replaceChildren()
  open()
}
onpopstate = () => {
  list.replaceChildren()
  fill()
  open()
}
$('pause').onclick = () => {
  paused = !paused
  $('pause').setAttribute('aria-pressed', paused)
  if (!paused) show()
  count()
}
$('clear').onclick = () => {
  list.replaceChildren()
  waiting = []
}
$('try').textContent = `curl -d 'hello' '${location.origin}/v1/publish/logs.web.info?ack=none'`
fill()
open()
