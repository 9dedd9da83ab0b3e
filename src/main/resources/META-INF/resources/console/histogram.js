// Messages of a stream over time, as bars. A bar is a jump to its time, several bars are a range.
//
// Few requests make it: the stream tells its first and last message, and for each edge between two bars one message is
// read, the first one from that time on. The number of messages between two edges is the difference of their sequences,
// so it counts deleted messages and those of other subjects too.
import { json, resource } from './http.js'
import { problemNote } from './parts.js'
import { made } from './template.js'
import { dated, element, number } from './text.js'

const BARS = 24
const AT_ONCE = 4 // requests

/** The bars of a stream: [{from, to, count}], from the first message to the last; empty if there is none. */
async function distribution(stream, subjects, signal) {
  const { state } = await json(resource('streams', stream), { signal })
  if (!state.messages) return []
  const begin = Date.parse(state.first_time)
  const width = Math.max(1, Math.ceil((Date.parse(state.last_time) + 1 - begin) / BARS))
  const sequences = new Array(BARS + 1)
  sequences[0] = state.first_seq
  sequences[BARS] = state.last_seq + 1
  const edges = Array.from({ length: BARS - 1 }, (_, index) => index + 1)
  const read = async () => {
    for (let edge = edges.shift(); edge !== undefined; edge = edges.shift()) {
      sequences[edge] = await firstSince(stream, subjects, begin + edge * width, signal) ?? sequences[BARS]
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, read))
  return Array.from({ length: BARS }, (_, index) => ({
    from: new Date(begin + index * width), to: new Date(begin + (index + 1) * width),
    count: Math.max(0, sequences[index + 1] - sequences[index]),
  }))
}

async function firstSince(stream, subjects, time, signal) {
  const url = resource('streams', stream, 'messages')
  for (const subject of subjects) url.searchParams.append('subject', subject)
  url.searchParams.set('from', `time:${new Date(time).toISOString()}`)
  url.searchParams.set('limit', 1)
  const { messages } = await json(url, { signal })
  return messages[0]?.seq
}

export class Histogram {
  #box
  #chosen
  #anchor
  #bars = []

  /** @param chosen called with the time to jump to, and the time where it ends if several bars were chosen */
  constructor(box, chosen) {
    this.#box = box
    this.#chosen = chosen
  }

  async show(stream, subjects, signal) {
    this.#box.replaceChildren(element('p', 'soft', 'Counting …'))
    try {
      this.#bars = await distribution(stream, subjects, signal)
      this.#draw(stream)
    } catch (failure) {
      if (!signal.aborted) this.#box.replaceChildren(made(problemNote(failure)))
    }
  }

  #draw(stream) {
    if (!this.#bars.length) {
      this.#box.replaceChildren(element('p', 'soft', `${stream} is empty.`))
      return
    }
    const most = Math.max(...this.#bars.map(({ count }) => count))
    const bars = element('div', 'bars', ...this.#bars.map((bar, index) => this.#bar(bar, index, most)))
    bars.setAttribute('role', 'group')
    bars.setAttribute('aria-label', `Messages of ${stream} over time`)
    bars.onpointerdown = event => {
      if (event.shiftKey) return
      this.#anchor = indexOf(event.target)
      const press = new AbortController()
      const end = ({ clientX, clientY }) => {
        press.abort()
        if (indexOf(document.elementFromPoint(clientX, clientY)) === undefined) unmark(bars)
      }
      for (const type of ['pointerup', 'pointercancel']) addEventListener(type, end, { signal: press.signal })
    }
    bars.onpointermove = event => { if (event.buttons) this.#mark(bars, this.#anchor, indexOf(document.elementFromPoint(event.clientX, event.clientY))) }
    bars.onpointerup = event => {
      if (event.shiftKey) return
      const end = indexOf(document.elementFromPoint(event.clientX, event.clientY))
      if (end !== undefined && this.#anchor !== undefined && end !== this.#anchor) this.#choose(this.#anchor, end)
    }
    this.#box.replaceChildren(bars, element('div', 'scale', element('span', '', dated(this.#bars[0].from)),
      element('span', '', `about ${number(most)} at most, heights are square roots; all subjects of ${stream}, without filters`),
      element('span', '', dated(this.#bars.at(-1).to))))
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
      if (event.shiftKey && this.#anchor !== undefined) this.#choose(this.#anchor, index)
      else {
        this.#anchor = index
        this.#chosen(from)
      }
    }
    return bar
  }

  #choose(one, other) {
    const [first, last] = [one, other].sort((a, b) => a - b)
    this.#chosen(this.#bars[first].from, this.#bars[last].to)
  }

  #mark(bars, one, other) {
    if (one === undefined || other === undefined) return
    for (const bar of bars.children) bar.toggleAttribute('data-chosen', (bar.dataset.index - one) * (bar.dataset.index - other) <= 0)
  }
}

function unmark(bars) {
  for (const bar of bars.children) bar.removeAttribute('data-chosen')
}

function indexOf(target) {
  const bar = target?.closest?.('.bars > button')
  return bar ? Number(bar.dataset.index) : undefined
}
