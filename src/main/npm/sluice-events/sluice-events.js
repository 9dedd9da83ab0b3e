// Tails subjects and watches buckets and object stores over Sluice's server-sent events, and stays on: an EventSource gives up for good on
// every status but 200, and does not notice that the computer slept. This opens it again after the last event that came.
//
//   const live = tail({ subject: ['logs.>'], from: 'since:15m' }, { message: m => console.log(m.subject, m.data) })
//   live.close()
//
//   const menu = watch('menu', { key: 'tea.>' }, { change: () => show(menu.entries) })
//
//   const files = watchObjects('media', { prefix: 'tea/' }, { change: () => show(files.entries) })
//
// The query holds the parameters of GET /v1/events, GET /v1/buckets/{bucket}/events or
// GET /v1/object-stores/{store}/events; an array gives one several times, undefined and null leave it out. A function, which
// may be async, is asked for its value before each connection: a ticket opens only one.
// The last argument but one holds what is to be called, each if it is there:
//   message(message, event)  tail: a message, the parsed JSON, or the text with format=raw
//   change(entry, event)     watch: a value, an object or a deletion, as entry.operation tells
//   current(revision)        watch: all that the store held at this revision was told; once a connection
//   status(state, since)     'connected', 'reconnecting' (NATS is away), 'disconnected' (Sluice is), 'refused'; after a
//                            sleep 'disconnected' has the time in ms at which this page was last awake; if a function of
//                            the query failed, a third argument has its failure
//   gap({from, to} | {reason}, keys)  what is stored no longer, or a stream that was created again; a watch has then
//                            removed from its entries those that may be there no longer, and names them
//   dropped(count)           tail: messages that this client was too slow for, on a core source
//   closed(reason)           the server ended the stream; it is opened again unless the reason is 'forbidden'
//   refused(problem)         the problem document of a request that would fail again; it is not repeated
const RETRY_MS = 2000 // doubled with each refusal until an event comes
const MOST_RETRY_MS = 30000
const MOST_ASKED_MS = 300000 // longest pause that a server may ask for
const CHECK_MS = 5000
const AT_ONCE_MS = 30000 // least time between two connections without the pause of the server
const SLEPT_MS = 90000 // a hidden page has its timers held back for up to a minute
const SILENT_MS = 720000 // a connection ends after 11 minutes at most, and says so; one that says nothing for longer is lost
const FINAL = [400, 401, 403, 404, 405, 406, 414, 431, 501]

// With lastEventId it goes on after that event, as another tail told it.
export function tail(query, on, { url = '/v1/events', lastEventId } = {}) {
  return open(url, query, on, {
    message: event => on.message?.(query.format === 'raw' ? event.data : JSON.parse(event.data), event),
    binary: event => on.message?.(event.data, event),
    gap: event => on.gap?.(JSON.parse(event.data)),
    dropped: event => on.dropped?.(JSON.parse(event.data).count),
  }, lastEventId)
}

// The entries are the values that are known, by key. They are complete once `current` was called.
export function watch(bucket, query, on, { url = `/v1/buckets/${encodeURIComponent(bucket)}/events` } = {}) {
  return watchStore(url, query, on, 'key')
}

// The entries are the objects that are known, by name, without their contents.
export function watchObjects(store, query, on, { url = `/v1/object-stores/${encodeURIComponent(store)}/events` } = {}) {
  return watchStore(url, query, on, 'name')
}

function watchStore(url, query, on, key) {
  const entries = new Map()

  const live = open(url, query, on, {
    message: event => {
      const entry = JSON.parse(event.data)
      if (entry.operation === 'put') entries.set(entry[key], entry)
      else entries.delete(entry[key])
      on.change?.(entry, event)
    },
    current: event => on.current?.(JSON.parse(event.data).revision),
    gap: event => {
      const gap = JSON.parse(event.data)
      const keys = [...entries.values()]
        .filter(entry => gap.reason || entry.revision <= gap.to)
        .map(entry => entry[key])
      keys.forEach(key => entries.delete(key))
      on.gap?.(gap, keys)
    },
  })
  return { entries, close: live.close, get lastEventId() { return live.lastEventId } }
}

function open(url, query, on, listeners, after = '') {
  const changing = Object.values(query).some(value => typeof value === 'function')
  let source
  let retry
  let lastId = after
  let ended = false
  let lastCheck = Date.now()
  let lastSign = lastCheck // of the connection
  let atOnce = 0
  let pause = RETRY_MS
  let attempts = 0 // a connection whose parameters come after the next one began is not opened
  let answered = false // whether the last question after a refusal was not refused

  const address = values => {
    const parameters = Object.entries(values)
      .flatMap(([name, value]) => [value].flat().map(one => [name, one]))
      .filter(([, one]) => one !== undefined && one !== null)
    if (lastId) parameters.push(['last_event_id', lastId])
    return `${url}?${new URLSearchParams(parameters)}`
  }

  const present = async () => Object.fromEntries(await Promise.all(Object.entries(query)
    .map(async ([name, value]) => [name, typeof value === 'function' ? await value() : value])))

  function connect() {
    if (ended) return
    clearTimeout(retry)
    retry = undefined
    source?.close()
    source = undefined
    lastSign = Date.now()
    const attempt = ++attempts
    if (!changing) return listen(address(query))
    present().then(
      values => { if (attempt === attempts && !ended) listen(address(values)) })
      .catch(failure => {
        if (attempt !== attempts || ended) return
        on.status?.('disconnected', undefined, failure)
        later()
      })
  }

  function listen(address) {
    source = new EventSource(address, { withCredentials: true })
    const take = (type, act) => source.addEventListener(type, event => {
      // An id that came alone is told with the next event, whatever its type.
      pause = RETRY_MS
      answered = false
      lastSign = Date.now()
      if (event.lastEventId) lastId = event.lastEventId
      act(event)
    })
    Object.entries(listeners).forEach(([type, act]) => take(type, act))
    take('status', event => on.status?.(JSON.parse(event.data).nats))
    take('closed', event => {
      const { reason } = JSON.parse(event.data)
      if (reason === 'forbidden') close()
      else if (reason === 'lifetime') again()
      on.closed?.(reason)
    })
    source.onerror = () => {
      if (ended) return
      on.status?.('disconnected')
      if (ended) return
      if (source.readyState === EventSource.CLOSED) explain(source)
      else if (changing) renew()
    }
  }

  // The browser itself would ask for the same address again.
  function renew() {
    source.close()
    if (retry === undefined) later()
  }

  function later(asked = 0) {
    if (ended) return
    clearTimeout(retry)
    retry = setTimeout(connect, Math.max(pause * (0.75 + Math.random() / 2), asked * (1 + Math.random() / 2)))
    pause = Math.min(MOST_RETRY_MS, pause * 2)
  }

  // What ends often waits as the server asks for. The others are spread a little.
  function again() {
    if (Date.now() - atOnce < AT_ONCE_MS) return
    atOnce = Date.now()
    retry = setTimeout(connect, Math.random() * 300)
  }

  // The connection may be one of before, on which nothing comes any more.
  function reconnect(since) {
    on.status?.('disconnected', since)
    connect()
  }

  const online = () => reconnect(Date.now())

  // An EventSource does not tell why it was refused, so the same is asked once more in a way that does. The question joins no
  // queue group, of which it would take messages; only if the last one was not refused, the group may be the cause.
  async function explain(refused) {
    const asking = new AbortController()
    const current = () => refused === source && !ended
    let asked = 0 // pause that the server asks for, in ms
    try {
      const values = changing ? await present() : query
      const answer = await fetch(address(answered ? values : { ...values, queue: undefined }),
        { signal: asking.signal, credentials: 'include' })
      asked = Math.min(1000 * Number(answer.headers.get('Retry-After')) || 0, MOST_ASKED_MS)
      answered = answer.ok
      const problem = FINAL.includes(answer.status) && await answer.json()
      if (problem && current()) {
        close()
        on.status?.('refused')
        on.refused?.(problem)
      }
    } catch {
      // Sluice cannot be reached, or a proxy answered in its place: tried again below.
    } finally {
      asking.abort()
      if (current()) later(asked)
    }
  }

  function close() {
    ended = true
    clearTimeout(retry)
    clearInterval(checking)
    globalThis.removeEventListener?.('online', online)
    source?.close()
  }

  // A timer that is late by far was asleep, and so was the connection. One that is silent for too long has lost its network.
  const checking = setInterval(() => {
    const awake = lastCheck
    const slept = Date.now() - awake > SLEPT_MS
    lastCheck = Date.now()
    if (slept) reconnect(awake)
    else if (lastCheck - lastSign > SILENT_MS) reconnect(lastSign)
  }, CHECK_MS)
  globalThis.addEventListener?.('online', online)
  connect()
  return { close, get lastEventId() { return lastId } }
}
