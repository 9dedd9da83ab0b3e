// Reads a range of a stream as NDJSON, with the filters of the tail.
import { resource, send } from './http.js'

const FILTERS = ['subject', 'contains', 'match', 'not', 'header', 'level']
const MOST_CHARACTERS = 256 * 1024 * 1024 // kept for one file; a larger range is for a shell

/** The address of the messages of a stream, with the subjects and filters of the tail. */
export function filtered(stream, query) {
  const url = resource('streams', stream, 'messages')
  for (const name of FILTERS) {
    for (const value of query[name] ?? []) url.searchParams.append(name, value)
  }
  return url
}

/**
 * @param query the parameters of GET /v1/events; subjects and filters are taken of it
 * @param from the first message: all, seq:N or time:T
 * @param ended whether a message is after the range
 * @param progress called with the number of messages so far
 * @returns {Promise<{lines: string[], count: number, whole: boolean}>} whole is false if the range is too large
 */
export async function range(stream, query, from, ended, progress, signal) {
  const lines = []
  let size = 0
  for await (const { line, message } of messages(stream, query, from, signal)) {
    if (ended(message)) break
    size += line.length
    if (size > MOST_CHARACTERS) return { lines, count: lines.length, whole: false }
    lines.push(`${line}\n`)
    progress(lines.length)
  }
  return { lines, count: lines.length, whole: true }
}

/** The messages of a stream from a position on, to its end: each as a line of NDJSON, and parsed. */
export async function* messages(stream, query, from, signal) {
  const url = filtered(stream, query)
  url.searchParams.set('from', from)
  const response = await send(url, { headers: { Accept: 'application/x-ndjson' }, signal })
  for await (const line of linesOf(response.body.pipeThrough(new TextDecoderStream()))) yield { line, message: JSON.parse(line) }
}

async function* linesOf(stream) {
  const reader = stream.getReader()
  let rest = ''
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + part.value).split('\n')
      rest = lines.pop()
      yield* lines
    }
    if (rest) yield rest
  } finally {
    await reader.cancel()
  }
}
