// The two kinds of entry: a message, and a notice about messages that are missing. If a stream has them, `from` is the
// sequence of the first one.
const LEVELS = { trace: 'debug', debug: 'debug', info: 'info', notice: 'info', warn: 'warn', warning: 'warn',
  error: 'error', err: 'error', fatal: 'error', critical: 'error', severe: 'error' }
const LEVEL_FIELD = /"(?:level|severity)"\s*:\s*"([a-z]{3,8})"/i
const FIELD_WITHIN = 2_000 // characters of a payload that are searched for the level
const COLOURS = 8

let coloured = new Map() // the first COLOURS subjects, each with a colour of its own

export function message(event) {
  const { subject, time, seq, headers, data, data_base64: base64 } = event
  return { kind: 'message', subject, time, seq, headers: headers ?? {}, base64, event,
    text: data ?? `base64: ${base64}`, level: level(subject, data ?? ''), colour: colour(subject) }
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

function level(subject, data) {
  const token = LEVELS[subject.slice(subject.lastIndexOf('.') + 1).toLowerCase()]
  return token ?? LEVELS[LEVEL_FIELD.exec(data.slice(0, FIELD_WITHIN))?.[1].toLowerCase()]
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
