// Tails subjects over Sluice's server-sent events, and stays on: an EventSource gives up for good on every status but
// 200, and does not notice that the computer slept. This opens it anew behind the last event that came.
//
//   const live = tail({ subject: ['logs.>'], from: 'since:15m' }, { message: m => console.log(m.subject, m.data) })
//   live.close()
//
// The first argument holds the parameters of GET /v1/events; an array gives one several times. The second holds what is
// to be called, each if it is there:
//   message(message, event)  a message: the parsed JSON, or the text with format=raw
//   status(state)            'connected', 'reconnecting' (NATS is away), 'disconnected' (Sluice is), 'refused'
//   gap({from, to} | {reason})  messages that are stored no longer, or a stream that was created again
//   dropped(count)           messages that this client was too slow for, on a core source
//   closed(reason)           the server ended the stream; it is opened again unless the reason is 'forbidden'
//   refused(problem)         the problem document of a request that would fail again; it is not repeated
const RETRY_MS = 2000
const CHECK_MS = 5000
const SLEPT_MS = 90000 // a hidden page has its timers held back for up to a minute
const FINAL = [400, 401, 403]

export function tail(query, on, { url = '/v1/events' } = {}) {
  let source
  let retry
  let lastId = ''
  let ended = false
  let lastCheck = Date.now()

  const address = () => {
    const parameters = Object.entries(query)
      .flatMap(([name, values]) => [values].flat().map(value => [name, value]))
    if (lastId) parameters.push(['last_event_id', lastId])
    return `${url}?${new URLSearchParams(parameters)}`
  }

  function open() {
    clearTimeout(retry)
    source?.close()
    source = new EventSource(address(), { withCredentials: true })
    const listen = (type, take) => source.addEventListener(type, event => {
      // An id that came alone is told with the next event, whatever its type.
      if (event.lastEventId) lastId = event.lastEventId
      take(event)
    })
    listen('message', event => on.message?.(query.format === 'raw' ? event.data : JSON.parse(event.data), event))
    listen('binary', event => on.message?.(event.data, event))
    listen('status', event => on.status?.(JSON.parse(event.data).nats))
    listen('gap', event => on.gap?.(JSON.parse(event.data)))
    listen('dropped', event => on.dropped?.(JSON.parse(event.data).count))
    listen('closed', event => {
      const { reason } = JSON.parse(event.data)
      if (reason === 'forbidden') close()
      on.closed?.(reason)
    })
    source.onerror = () => {
      if (ended) return
      on.status?.('disconnected')
      if (source.readyState === EventSource.CLOSED) explain(source)
    }
  }

  // An EventSource does not tell why it was refused, so the same is asked once more in a way that does.
  async function explain(refused) {
    const asking = new AbortController()
    try {
      const answer = await fetch(address(), { signal: asking.signal, credentials: 'include' })
      if (FINAL.includes(answer.status) && refused === source && !ended) {
        const problem = await answer.json()
        close()
        on.status?.('refused')
        on.refused?.(problem)
      }
    } catch {
      // Sluice cannot be reached: tried again below.
    } finally {
      asking.abort()
      if (refused === source && !ended) retry = setTimeout(open, RETRY_MS * (0.75 + Math.random() / 2))
    }
  }

  function close() {
    ended = true
    clearTimeout(retry)
    clearInterval(checking)
    removeEventListener('online', open)
    source.close()
  }

  // A timer that is late by far was asleep, and so was the connection.
  const checking = setInterval(() => {
    const slept = Date.now() - lastCheck > SLEPT_MS
    lastCheck = Date.now()
    if (slept) open()
  }, CHECK_MS)
  addEventListener('online', open)
  open()
  return { close, get lastEventId() { return lastId } }
}
