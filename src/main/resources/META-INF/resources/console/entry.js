// The two kinds of entry: a message, and a notice about messages that are missing. If a stream has them, `from` is the
// sequence of the first one.
// The rule of the filter `level`, dev.sluice.events.MessageLevel.
const LEVELS = { __proto__: null, trace: 'debug', trc: 'debug', debug: 'debug', dbg: 'debug', info: 'info', inf: 'info', notice: 'info',
  warn: 'warn', wrn: 'warn', warning: 'warn', error: 'error', err: 'error', fatal: 'error', ftl: 'error', critical: 'error',
  severe: 'error' }
const NUMBERS = ['debug', 'debug', 'info', 'warn', 'error', 'error'] // the levels of pino and bunyan: 10, 20 and so on
const NAME = Object.keys(LEVELS).join('|')
const FIELD = new RegExp(`"(?:level|lvl|severity|severityText|log\\.level)"[ \\t]{0,8}:[ \\t]{0,8}(?:"(${NAME})"|([1-6])0(?![0-9.]))`, 'i')
// A name in capitals, or one after `level=` or a bracket. A terminal's colour may precede it.
const WORD = new RegExp(`(?:(?<!\\w)|(?<=\\x1B\\[[0-9;]{0,8}m))(?:(?:(?:level|lvl|severity)="?|\\[)(${NAME})|(${NAME.toUpperCase()}))(?!\\w)`)
const FIELD_WITHIN = 2_000 // characters of a payload that are searched for a field
const WORD_WITHIN = 200
const BASE64_WITHIN = 4 * Math.ceil(FIELD_WITHIN / 3)
const COLOURS = 8

let coloured = new Map() // the first COLOURS subjects, each with a colour of its own

export function message(event) {
  const { subject, time, seq, headers, data, data_base64: base64 } = event
  return { kind: 'message', subject, time, seq, headers: headers ?? {}, base64, event,
    text: data ?? `base64: ${base64}`, level: level(subject, data ?? atob(base64.slice(0, BASE64_WITHIN))), colour: colour(subject) }
}

export function notice(text, from) {
  return { kind: 'notice', time: new Date().toISOString(), text, from }
}

/** Bytes as a payload: text if they are UTF-8, also if the last character is not whole. */
export function fromBytes(data) {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data, { stream: true }) }
  } catch {
    return { text: '', base64: base64(data) }
  }
}

export const base64 = data => btoa(Array.from(data, byte => String.fromCharCode(byte)).join(''))

/** The payload as bytes. */
export function bytes({ base64, text }) {
  return base64 === undefined
    ? new TextEncoder().encode(text)
    : Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}

function level(subject, text) {
  const token = LEVELS[subject.slice(subject.lastIndexOf('.') + 1).toLowerCase()]
  if (token) return token
  const [, name, tens] = FIELD.exec(text.slice(0, FIELD_WITHIN)) ?? WORD.exec(text.slice(0, WORD_WITHIN)) ?? []
  return LEVELS[(name ?? tens)?.toLowerCase()] ?? NUMBERS[tens - 1]
}

/** The subjects that come from now on share no colour with those before, up to COLOURS of them. */
export function colourAnew() {
  coloured = new Map()
}

// The usual colour of a subject, or the next one that no other subject has.
function colour(subject) {
  const known = coloured.get(subject)
  if (known !== undefined) return known
  let hash = 0
  for (let i = 0; i < subject.length; i++) hash = (hash * 31 + subject.charCodeAt(i)) | 0
  let own = Math.abs(hash) % COLOURS
  if (coloured.size === COLOURS) return own
  const taken = [...coloured.values()]
  while (taken.includes(own)) own = (own + 1) % COLOURS
  coloured.set(subject, own)
  return own
}
