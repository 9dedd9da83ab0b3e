// Text from messages, made visible. Only text nodes are made from it, never markup.
const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]]
const SPANS = [['d', 86_400], ['h', 3_600], ['min', 60]]
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
// Controls but for tab and line ends, and what has no width or changes the direction of a text.
// A zero-width joiner of two pictures makes one of them.
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\r(?!\n)|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|\u200d(?!\p{Extended_Pictographic})/gu
const SYNTAX = /[\\^$.*+?()[\]{}|/]/g // of a regular expression
const SHOWN = 64 * 1024 // characters of a long text at first: a browser breaks a longer line too slowly
const MOST_NAMED = 10_000 // of a text, each a run of the same character

/** An element with a class and children; strings become text. */
export function element(name, className, ...children) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}

/**
 * The text with what a `finder` finds marked, and with controls and zero-width characters named instead of obeyed: a string,
 * or text nodes and elements if there are such.
 */
export function visible(text, found) {
  const places = found ? [...text.matchAll(found)] : []
  if (!places.length) return named(text)
  const parts = document.createDocumentFragment()
  let from = 0
  for (const { 0: part, index } of places) {
    parts.append(named(text.slice(from, index)), element('mark', '', named(part)))
    from = index + part.length
  }
  parts.append(named(text.slice(from)))
  return parts
}

/** What finds the text whatever the case of its letters; undefined without a text. */
export const finder = text => pattern([text], 'giu')

/** What finds one of the texts as it is written; undefined without a text. */
export const exact = texts => pattern(texts, 'gu')

const pattern = (texts, flags) =>
  texts.some(Boolean) ? new RegExp(texts.map(text => text.replaceAll(SYNTAX, '\\$&')).join('|'), flags) : undefined

/** The text as `visible` makes it, in an element. Of a long one it is the beginning, with a button that shows all. */
export function shortened(text, most = SHOWN) {
  if (text.length <= most) return element('span', '', visible(text))
  const end = text.charCodeAt(most - 1) >> 10 === 0x36 ? most - 1 : most // a pair of surrogates stays whole
  const more = element('button', 'more', `Show all ${number(text.length)} characters`)
  more.type = 'button'
  const place = element('span', '', visible(text.slice(0, end)), ' … ', more)
  more.onclick = () => place.replaceChildren(visible(text))
  return place
}

function named(text) {
  if (text.search(UNSEEN) < 0) return text
  const parts = document.createDocumentFragment()
  let from = 0
  UNSEEN.lastIndex = 0
  for (let found = UNSEEN.exec(text), spans = 0; found; found = UNSEEN.exec(text), spans++) {
    if (spans === MOST_NAMED) {
      parts.append(text.slice(from).replaceAll(UNSEEN, '\ufffd'), element('span', 'unseen', 'The others of this text are shown as \ufffd'))
      return parts
    }
    const { 0: character, index } = found
    const end = endOfRun(text, character, index)
    const count = (end - index) / character.length
    const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')
    parts.append(text.slice(from, index), element('span', 'unseen', count > 1 ? `U+${code} ×${number(count)}` : `U+${code}`))
    from = UNSEEN.lastIndex = end
  }
  parts.append(text.slice(from))
  return parts
}

function endOfRun(text, character, index) {
  let end = index + character.length
  while (text.startsWith(character, end)) end += character.length
  return character === '\r' && text[end] === '\n' ? end - 1 : end
}

export const number = value => value.toLocaleString('en')

export function clock(time) {
  const date = new Date(time)
  return Number.isNaN(date.valueOf()) ? String(time) : date.toTimeString().slice(0, 8) + date.toISOString().slice(19, 23)
}

/** The day of a time, in the order of ISO 8601. */
export const day = time => new Date(time).toLocaleDateString('en-CA')

/** A time with its day. */
export const dated = time => `${day(time)} ${clock(time)}`

/** A time, with its day if that is not today. */
export const moment = time => today(time) ? clock(time) : dated(time)

export const today = time => sameDay(time, Date.now())

/** Whether both times are of one day. Much cheaper than their `day`. */
export const sameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString()

/** How long ago a date is, in words. */
export function relative(date) {
  const passed = date - Date.now()
  const [unit, size] = UNITS.find(([, millis]) => Math.abs(passed) >= millis) ?? UNITS.at(-1)
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(passed / size), unit)
}

/** A number of bytes with its unit. */
export function size(count) {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)))
  const value = count / 1024 ** power
  return `${value.toLocaleString('en', { maximumFractionDigits: power && value < 100 ? 1 : 0 })} ${SIZES[power]}`
}

/** A duration as Sluice writes it, in its largest whole unit. */
export function span(text) {
  const [, seconds] = /^(\d+)s$/.exec(text) ?? []
  const [unit, size] = SPANS.find(([, size]) => seconds >= size && seconds % size === 0) ?? []
  return unit ? `${number(seconds / size)} ${unit}` : text
}

/** A duration in milliseconds, in a unit of which it has at least two. */
export function lasting(millis) {
  const seconds = Math.max(1, Math.round(millis / 1_000))
  const [unit, size] = SPANS.find(([, size]) => seconds >= 2 * size) ?? ['s', 1]
  return `${number(Math.round(seconds / size))} ${unit}`
}
