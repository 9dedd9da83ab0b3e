// The live tail. Keeps the last ROWS messages, the subjects in the address, and its place when somebody scrolls up.
const ROWS = 1000
const RETRY_MS = 2000

const $ = id => document.getElementById(id)
const list = $('events')
const scroller = list.parentElement
const subjects = () => new URLSearchParams(location.search).getAll('subject').filter(Boolean)

let source
let waiting = []
let paused = false
let seen = 0
let dropped = 0

function open() {
  source?.close()
  const asked = subjects()
  const query = new URLSearchParams((asked.length ? asked : ['logs.>']).map(subject => ['subject', subject]))
  source = new EventSource(`/v1/events?${query}`)
  source.onmessage = event => add(message(JSON.parse(event.data)))
  source.addEventListener('status', event => state(JSON.parse(event.data).nats))
  source.addEventListener('dropped', event => {
    const { count } = JSON.parse(event.data)
    dropped += count
    add(notice(`${count} messages were dropped: this browser was too slow`))
  })
  source.onerror = () => {
    state('disconnected')
    // An EventSource gives up for good on every status but 200.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS)
  }
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

$('subject').value = subjects().join(' ')
$('query').onsubmit = event => {
  event.preventDefault()
  const asked = $('subject').value.split(/\s+/).filter(Boolean)
  const query = new URLSearchParams(asked.map(subject => ['subject', subject]))
  history.pushState(null, '', query.size ? `?${query}` : location.pathname)
  list.replaceChildren()
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
open()
