// Messages of a stream over time, as bars. A bar is a jump to its time, several bars are a range, and either is then shown
// with bars of its own.
//
// Few requests make it: the stream tells its first and last message, and for each edge between two bars one message is
// read, the first one from that time on. The number of messages between two edges is the difference of their sequences,
// so it counts deleted messages and those of other subjects too, but none after the last message of the chosen subjects.
import { json, resource } from './http.js'
import { button, problemNote } from './parts.js'
import { made } from './template.js'
import { dated, element, number } from './text.js'

const BARS = 24
const AT_ONCE = 4 // requests

/**
 * The bars of a stream: [{from, to, count}]; empty if it has no message.
 *
 * @param span {from, to}: the time that they cover; undefined for all of the stream
 */
async function distribution(stream, subjects, span, signal) {
  const { state } = await json(resource('streams', stream), { signal })
  if (!state.messages) return []
  const begin = span ? span.from.valueOf() : Date.parse(state.first_time)
  const end = span ? span.to.valueOf() : Date.parse(state.last_time) + 1
  const width = Math.max(1, Math.ceil((end - begin) / BARS))
  const sequences = new Array(BARS + 1).fill(state.last_seq + 1)
  const edges = [...sequences.keys()]
  if (!span) {
    sequences[0] = state.first_seq
    edges.shift()
    edges.pop()
  }
  const first = from => firstFrom(stream, subjects, from, signal)
  const read = async () => {
    for (let edge = edges.shift(); edge !== undefined; edge = edges.shift()) {
      const found = await first(`time:${new Date(begin + edge * width).toISOString()}`)
      if (found) sequences[edge] = Math.min(sequences[edge], found.seq)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, read))
  const next = sequences[BARS]
  const known = Math.max(...sequences.filter(sequence => sequence < next))
  const past = Number.isFinite(known) ? await afterLast(first, begin + BARS * width, known, next) : next
  sequences.forEach((sequence, edge) => { sequences[edge] = Math.min(sequence, past) })
  return Array.from({ length: BARS }, (_, index) => ({
    from: new Date(begin + index * width), to: new Date(begin + (index + 1) * width),
    count: Math.max(0, sequences[index + 1] - sequences[index]),
  }))
}

/** The sequence after that of the last message before a time, which is from `low` to `high`: mostly the highest. */
async function afterLast(first, time, low, high) {
  for (let probe = high - 1; low < high; probe = Math.floor((low + high) / 2)) {
    const found = await first(`seq:${probe}`)
    if (found?.seq < high && Date.parse(found.time) < time) low = found.seq + 1
    else high = probe
  }
  return high
}

async function firstFrom(stream, subjects, from, signal) {
  const url = resource('streams', stream, 'messages')
  for (const subject of subjects) url.searchParams.append('subject', subject)
  url.searchParams.set('from', from)
  url.searchParams.set('limit', 1)
  const { messages } = await json(url, { signal })
  return messages[0]
}

export class Histogram {
  #box
  #on
  #first // the bar where a range begins that is chosen with Shift
  #bars = []

  /**
   * @param on called for what a person does: jumped(span) to begin at its time, chose(span) a range, whole() to see all of
   *   the stream again. A span is {from, to}.
   */
  constructor(box, on) {
    this.#box = box
    this.#on = on
  }

  /** @param span {from, to}: the time that the bars cover; undefined for all of the stream */
  async show(stream, subjects, span, signal) {
    this.#box.setAttribute('aria-busy', 'true')
    if (!this.#box.querySelector('.bars')) this.#box.replaceChildren(element('p', 'soft', 'Counting …'))
    try {
      this.#bars = await distribution(stream, subjects, span, signal)
      this.#draw(stream, span)
    } catch (failure) {
      if (signal.aborted) return
      this.#box.replaceChildren(made(problemNote(failure)))
    }
    this.#box.removeAttribute('aria-busy')
  }

  clear() {
    this.#box.replaceChildren()
  }

  #draw(stream, span) {
    const focused = this.#box.contains(document.activeElement)
    this.#first = undefined
    if (!this.#bars.length) {
      this.#box.replaceChildren(element('p', 'soft', `${stream} is empty.`))
      return
    }
    const most = Math.max(...this.#bars.map(({ count }) => count))
    const bars = element('div', 'bars', ...this.#bars.map((bar, index) => this.#bar(bar, index, most)))
    bars.setAttribute('role', 'group')
    bars.setAttribute('aria-label', `Messages of ${stream} over time`)
    bars.onpointerdown = event => { if (!event.shiftKey && !event.button) this.#brush(bars, indexOf(event.target)) }
    const told = element('span', '', `about ${number(most)} at most, heights are square roots; all subjects of ${stream}, without filters`)
    if (span) told.append(' ', made(button('Whole stream', () => this.#on.whole())))
    this.#box.replaceChildren(bars, element('div', 'scale', element('span', '', dated(this.#bars[0].from)), told,
      element('span', '', dated(this.#bars.at(-1).to))))
    if (focused) bars.firstElementChild.focus()
  }

  // A press that ends where it began is a click on the bar.
  #brush(bars, first) {
    if (first === undefined) return
    this.#first = undefined
    const press = new AbortController()
    const at = ({ clientX, clientY }) => indexOf(document.elementFromPoint(clientX, clientY))
    const move = event => {
      const last = at(event)
      if (last !== undefined) mark(bars, first, last)
    }
    const end = event => {
      press.abort()
      const last = event.type === 'pointerup' ? at(event) : undefined
      if (last === undefined) mark(bars)
      else if (last !== first) this.#choose(first, last)
    }
    addEventListener('pointermove', move, { signal: press.signal })
    for (const type of ['pointerup', 'pointercancel']) addEventListener(type, end, { signal: press.signal })
  }

  #bar({ from, to, count }, index, most) {
    const filled = element('span')
    filled.style.height = `${count ? Math.max(4, 100 * Math.sqrt(count / most)) : 0}%`
    const bar = element('button', '', filled)
    bar.type = 'button'
    bar.dataset.index = index
    bar.title = `${dated(from)} to ${dated(to)}: about ${number(count)}`
    bar.setAttribute('aria-label', bar.title)
    bar.onclick = event => {
      if (!event.shiftKey) this.#on.jumped({ from, to })
      else if (this.#first !== undefined) this.#choose(this.#first, index)
      else {
        this.#first = index
        mark(bar.parentElement, index, index)
      }
    }
    return bar
  }

  #choose(one, other) {
    const [first, last] = [one, other].sort((a, b) => a - b)
    this.#on.chose({ from: this.#bars[first].from, to: this.#bars[last].to })
  }
}

/** Marks the bars from one to another; none without them. */
function mark(bars, one, other) {
  for (const bar of bars.children) {
    if ((bar.dataset.index - one) * (bar.dataset.index - other) <= 0) bar.setAttribute('aria-pressed', 'true')
    else bar.removeAttribute('aria-pressed')
  }
}

function indexOf(target) {
  const bar = target?.closest?.('.bars > button')
  return bar ? Number(bar.dataset.index) : undefined
}
