// A list that draws only the rows in view. Rows have the same height unless they wrap; the height of a row that wraps
// is estimated until it was drawn once.
import { composite, parsed } from './json.js'
import { clock, dated, day, element, exact, finder, sameDay, today, visible } from './text.js'

const ROW_CHARACTERS = 1_000 // of a message; the detail shows all
const AT_END = 2 // pixels
const BEYOND = 6 // rows drawn above and below the view
// Events that end a press. A touch makes its mouse events after its pointerup.
const RELEASED = ['mouseup', 'pointercancel', 'dragend', 'contextmenu', 'blur']
const LINE_END = /\r\n|\r|\n/g

export class VirtualList {
  #box
  #space
  #rows = new Map()
  #source
  #entries = []
  #heights = new WeakMap()
  #tops // of the rows, if they wrap; the last one is the end
  #height = 22
  #asked = false
  #stale = false
  #top = 0
  following = true
  pressed = false // a row stays under the pointer until the button is released
  wrap = false
  find = ''
  contains = [] // texts that every message of the list contains; marked as long as nothing else is looked for
  columns = [] // paths of fields of JSON, each a list of names
  selected

  /**
   * @param box the element that scrolls, a listbox
   * @param source returns the entries, once for each frame that draws them
   * @param on called for what a person does: scrolledUp(), scrolledToEnd(), scrolledToTop(), chosen(entry), solo(subject), hide(subject)
   */
  constructor(box, source, on) {
    this.#box = box
    this.#source = source
    this.#space = box.querySelector('.space')
    this.on = on
    box.addEventListener('scroll', () => this.#scrolled())
    box.addEventListener('wheel', event => this.#wheeled(event), { passive: true })
    box.addEventListener('mousedown', event => this.#pressed(event))
    box.addEventListener('click', event => this.#clicked(event))
    new ResizeObserver(() => this.measure()).observe(box)
  }

  /** Shows the entries of the source at the next frame. The row at the top stays where it is, also if entries come before it. */
  refresh() {
    this.#stale = true
    this.#tops = undefined
    this.#ask()
  }

  /** The entries of the source. They are drawn first if they changed, so that a key acts on them and not on those before. */
  get entries() {
    if (this.#stale) this.#draw()
    return this.#entries
  }

  /** Draws all rows again, after a change of their look. */
  measure() {
    this.#height = parseFloat(getComputedStyle(this.#box).getPropertyValue('--row'))
    this.#heights = new WeakMap()
    this.#tops = undefined
    this.redraw()
  }

  /** Goes on where it was, after the box was not displayed. */
  comeBack() {
    if (!this.following) this.#box.scrollTop = this.#top
    this.#ask()
  }

  redraw() {
    for (const row of this.#rows.values()) row.remove()
    this.#rows.clear()
    this.#ask()
  }

  toEnd() {
    this.following = true
    this.#ask()
  }

  select(entry) {
    this.selected = entry
    this.redraw()
  }

  /** Scrolls as little as brings the entry into view. */
  reveal(entry) {
    const index = this.entries.indexOf(entry)
    if (index < 0) return
    this.following = false
    const { scrollTop, clientHeight } = this.#box
    const top = this.#offset(index)
    const bottom = top + this.#of(entry)
    if (top < scrollTop) this.#move(top)
    else if (bottom > scrollTop + clientHeight) this.#move(bottom - clientHeight)
    this.#ask()
  }

  /** The index of the row at the top of the view. */
  get top() {
    return this.#indexAt(this.#box.scrollTop)
  }

  page() {
    return Math.max(1, Math.floor(this.#box.clientHeight / this.#height) - 1)
  }

  #ask() {
    if (this.#asked) return
    this.#asked = true
    requestAnimationFrame(() => {
      this.#asked = false
      this.#draw()
    })
  }

  #draw() {
    if (!this.#box.clientHeight || this.pressed && this.following) return
    const at = this.#indexAt(this.#box.scrollTop)
    const before = this.#entries
    const within = before[at] && this.#box.scrollTop - this.#offset(at)
    const next = this.#stale ? this.#source() : before
    if (this.#stale) this.#tops = undefined
    this.#stale = false
    this.#entries = next
    this.#resize()
    if (this.following) this.#move(this.#box.scrollHeight)
    else if (next !== before && before[at]) this.#keep(before, at, within)
    this.#fill()
    if (this.wrap && this.#remeasure()) {
      this.#resize()
      if (this.following) this.#move(this.#box.scrollHeight)
      this.#fill()
    }
  }

  // The row at the top, or the nearest one if that is hidden now.
  #keep(before, at, within) {
    const index = this.#entries.indexOf(before[at])
    if (index >= 0) return this.#move(this.#offset(index) + within)
    const present = new Set(this.#entries)
    const left = nearest(before, before[at], entry => present.has(entry))
    if (left) this.#move(this.#offset(this.#entries.indexOf(left)))
  }

  #resize() {
    this.#space.style.height = `${this.#offset(this.#entries.length)}px`
  }

  #fill() {
    const { scrollTop, clientHeight } = this.#box
    const at = this.#indexAt(scrollTop)
    const topmost = this.#offset(at) < scrollTop ? at + 1 : at // the first one that is wholly in view
    const first = Math.max(0, at - BEYOND)
    const wanted = new Set()
    let top = this.#offset(first)
    let beyond = 0
    for (let i = first; i < this.#entries.length && beyond < BEYOND; i++) {
      const entry = this.#entries[i]
      wanted.add(entry.number)
      let row = this.#rows.get(entry.number)
      if (!row) {
        row = this.#row(entry)
        this.#rows.set(entry.number, row)
        this.#space.append(row)
      }
      row.style.transform = `translateY(${top}px)`
      this.#tellDay(row, i, i === topmost)
      row.setAttribute('aria-posinset', i + 1)
      row.setAttribute('aria-setsize', this.#entries.length)
      top += this.#of(entry)
      if (top > scrollTop + clientHeight) beyond++
    }
    for (const [key, row] of this.#rows) {
      if (!wanted.has(key)) {
        row.remove()
        this.#rows.delete(key)
      }
    }
    const active = this.selected && this.#rows.get(this.selected.number)
    if (active) this.#box.setAttribute('aria-activedescendant', active.id)
    else this.#box.removeAttribute('aria-activedescendant')
  }

  // The day is told where it changes, and in the first row in view if that is not of today.
  #tellDay(row, index, topmost) {
    const { time } = row.entry
    const before = this.#entries[index - 1]
    const told = topmost ? !today(time) : before && !sameDay(before.time, time)
    if (told) row.dataset.day = day(time)
    else delete row.dataset.day
  }

  #remeasure() {
    let different = false
    for (const row of this.#rows.values()) {
      const height = row.offsetHeight
      if (height !== this.#of(row.entry)) {
        this.#heights.set(row.entry, height)
        different = true
      }
    }
    if (different) this.#tops = undefined
    return different
  }

  #row(entry) {
    const row = element('div', `row ${entry.kind}${entry.level ? ` level-${entry.level}` : ''}`)
    row.entry = entry
    row.id = `row-${entry.number}`
    row.setAttribute('role', 'option')
    row.setAttribute('aria-selected', entry === this.selected)
    const time = element('time', '', clock(entry.time))
    time.dateTime = entry.time
    time.title = dated(entry.time)
    row.append(time)
    if (entry.kind === 'message') row.append(this.#subject(entry))
    if (entry.kind === 'message') row.append(...this.#cells(entry))
    const cut = entry.text.length > ROW_CHARACTERS
    const text = (cut ? entry.text.slice(0, ROW_CHARACTERS) : entry.text).replace(LINE_END, '⏎ ')
    const cell = element('span', 'text', visible(text, this.#marked))
    if (cut) cell.append(element('span', 'cut', '… cut'))
    row.append(cell)
    return row
  }

  get #marked() {
    return finder(this.find) ?? exact(this.contains)
  }

  #cells(entry) {
    if (!this.columns.length) return []
    const value = entry.base64 === undefined ? parsed(entry.text) : undefined
    return this.columns.map(path => {
      const cell = element('span', 'cell')
      const found = path.reduce(field, value)
      if (found !== undefined) {
        const text = typeof found === 'string' ? found : JSON.stringify(found)
        cell.append(visible(text.slice(0, ROW_CHARACTERS), this.#marked))
        cell.title = text.slice(0, ROW_CHARACTERS)
      }
      return cell
    })
  }

  // The two signs are for the mouse; the keys s and h and the buttons of the detail do the same.
  #subject({ subject, colour }) {
    const name = element('span', `subject colour-${colour}`, visible(subject, finder(this.find)))
    name.title = subject
    const cell = element('span', 'about', name)
    for (const [act, title] of [['solo', 'Only this subject (s)'], ['hide', 'Hide this subject (h)']]) {
      const sign = element('span', `act ${act}`)
      sign.dataset.act = act
      sign.title = title
      cell.append(sign)
    }
    return cell
  }

  // A row of a list that runs would be gone before the button is released, and there would be no click. A message that is
  // opened pauses the list; after a sign it runs on, so it is not drawn meanwhile.
  #pressed({ target, button, ctrlKey }) {
    if (!this.following || button || ctrlKey || !target.closest('.row')) return
    this.pressed = true
    const press = new AbortController()
    const release = () => {
      press.abort()
      this.pressed = false
      this.#ask()
    }
    for (const type of RELEASED) addEventListener(type, release, { signal: press.signal })
    if (target.dataset.act) return
    this.following = false
    this.on.scrolledUp()
  }

  #clicked(event) {
    const row = event.target.closest('.row')
    if (!row) return
    const { act } = event.target.dataset
    if (act) this.on[act](row.entry.subject)
    else this.on.chosen(row.entry)
  }

  #move(top) {
    this.#box.scrollTop = top
    this.#top = this.#box.scrollTop
  }

  // At the top, and in a list that fits its box, there is nothing to scroll, so no event of it.
  #wheeled({ deltaY, ctrlKey }) {
    if (ctrlKey) return // it zooms
    const { scrollHeight, clientHeight } = this.#box
    if (deltaY < 0 && !this.#top) this.on.scrolledToTop()
    if (deltaY > 0 && !this.following && scrollHeight <= clientHeight) this.on.scrolledToEnd()
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box
    if (!clientHeight) return // the event came after another view was shown
    // What the list moved itself is there already.
    const up = scrollTop < this.#top
    const down = scrollTop > this.#top
    this.#top = scrollTop
    const below = scrollHeight - scrollTop - clientHeight
    const away = up && below > AT_END // at the end of a box that grows the browser scrolls up, too
    if (away && this.following) {
      this.following = false
      this.on.scrolledUp()
    }
    if (down && below < this.#height && !this.following) this.on.scrolledToEnd()
    if (away && scrollTop < clientHeight) this.on.scrolledToTop()
    this.#ask()
  }

  #of(entry) {
    return (this.wrap && this.#heights.get(entry)) || this.#height
  }

  #offset(index) {
    return this.wrap ? this.#measured()[index] : index * this.#height
  }

  #indexAt(offset) {
    if (!this.wrap) return Math.floor(offset / this.#height)
    const tops = this.#measured()
    let low = 0
    let high = tops.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (tops[middle + 1] > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  #measured() {
    if (!this.#tops) {
      this.#tops = new Float64Array(this.#entries.length + 1)
      for (let i = 0; i < this.#entries.length; i++) this.#tops[i + 1] = this.#tops[i] + this.#of(this.#entries[i])
    }
    return this.#tops
  }
}

/** Of the entries that fit, the one at `entry` or next to it, the one after it first; undefined without an entry. */
export function nearest(entries, entry, fits) {
  const at = entries.indexOf(entry)
  return at < 0 ? undefined : entries.slice(at).find(fits) ?? entries.slice(0, at).findLast(fits)
}

function field(value, name) {
  return composite(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
