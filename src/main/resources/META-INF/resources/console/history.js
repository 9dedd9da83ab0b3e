// Reads messages of a stream that are older than those shown, by an event stream of its own that ends where they begin.
import { tail } from '../sluice-events.js'
import { range } from './range.js'

const WINDOWS = [500, 5_000, 50_000] // sequences to look back; a wider window if a narrower one had no such message
const PATIENCE_MS = 10_000

/**
 * @param query the parameters of GET /v1/events, with the filters of the view
 * @param seq the sequence of the oldest message shown
 * @param most the number of messages that there is room for
 * @param stream the stream to read, if GET /v1/events does not follow it
 * @returns {Promise<{events: object[], complete: boolean}>} the newest of the older messages in their order, and
 *   whether there are none before them
 */
export async function older(query, seq, most, options, stream) {
  for (const window of WINDOWS) {
    const from = Math.max(1, seq - window)
    const events = stream ? await stored(stream, query, from, seq, most)
      : await between({ ...query, tail: [], from: [`seq:${from}`], source: ['stream'] }, seq, most, options)
    if (events.length || from === 1) return { events, complete: from === 1 && events.length < most }
  }
  return { events: [], complete: false }
}

async function stored(stream, query, from, end, most) {
  const { lines } = await range(stream, query, `seq:${from}`, ({ seq }) => seq >= end, () => {}, AbortSignal.timeout(PATIENCE_MS))
  return lines.slice(-most).map(line => JSON.parse(line))
}

function between(query, end, most, options) {
  return new Promise((resolve, reject) => {
    const events = []
    let patience
    const finish = (settle, value) => {
      clearTimeout(patience)
      reader.close()
      settle(value)
    }
    const wait = () => {
      clearTimeout(patience)
      patience = setTimeout(() => finish(reject, new Error('The stream did not answer')), PATIENCE_MS)
    }
    const reader = tail(query, {
      // The oldest message shown passes the same filters, so it or a later one ends the reading.
      message: event => {
        if (event.seq >= end) return finish(resolve, events)
        events.push(event)
        if (events.length > most) events.shift()
        wait()
      },
      refused: ({ detail, title }) => finish(reject, new Error(detail ?? title)),
    }, options)
    wait()
  })
}
