// What the list shows: messages and notices in the order in which they came, at most ENTRIES and CHARACTERS of them.
//
// While paused, new entries wait apart, under the same bound, so that nothing moves under the reader. What exceeds the
// bound while paused is counted and becomes a notice.
export const ENTRIES = 50_000
const CHARACTERS = 64 * 1024 * 1024
const SLACK = 1_000 // entries beyond the bound that are removed together

class Bounded {
  entries = []
  characters = 0

  push(entry) {
    this.entries.push(entry)
    this.characters += entry.text.length
  }

  exceeds(slack = 0) {
    return this.entries.length > ENTRIES + slack || this.characters > CHARACTERS + slack * 1_024
  }

  /** Removes the oldest entries beyond the bound, returns the number of messages among them. */
  trim() {
    let count = Math.max(0, this.entries.length - ENTRIES)
    let rest = this.characters
    for (let i = 0; i < count; i++) rest -= this.entries[i].text.length
    while (rest > CHARACTERS && count < this.entries.length - 1) rest -= this.entries[count++].text.length
    this.characters = rest
    return this.entries.splice(0, count).filter(entry => entry.kind === 'message').length
  }
}

export class Store {
  #kept = new Bounded()
  #waiting = new Bounded()
  #hidden = new Set()
  #shown
  #passed = 0
  #arrived = 0
  #number = 0
  #changed
  paused = false

  /** @param changed called after every change */
  constructor(changed) {
    this.#changed = changed
  }

  add(entry) {
    entry.number = ++this.#number
    const target = this.paused ? this.#waiting : this.#kept
    target.push(entry)
    if (this.paused && entry.kind === 'message') this.#arrived++
    if (target.exceeds(SLACK)) {
      const removed = target.trim()
      if (this.paused) this.#passed += removed
    }
    this.#touch()
  }

  /** Puts older messages before all others; the caller asks `room` first. */
  prepend(entries) {
    this.#kept.entries = [...entries, ...this.#kept.entries]
    for (const entry of entries) {
      entry.number = ++this.#number
      this.#kept.characters += entry.text.length
    }
    this.#touch()
  }

  get room() {
    return this.#kept.characters > CHARACTERS ? 0 : Math.max(0, ENTRIES - this.#kept.entries.length)
  }

  /** The number of messages that wait, including those that the bound removed. */
  get waiting() {
    return this.#arrived
  }

  pause() {
    this.paused = true
    this.#touch()
  }

  /** @param passedBy makes the notice for a number of messages that the bound removed while paused */
  resume(passedBy) {
    this.paused = false
    const { entries } = this.#waiting
    if (this.#passed) entries.unshift({ ...passedBy(this.#passed), number: ++this.#number })
    for (const entry of entries) this.#kept.push(entry)
    if (this.#kept.exceeds()) this.#kept.trim()
    this.#forget()
  }

  clear() {
    this.#kept = new Bounded()
    this.#forget()
  }

  #forget() {
    this.#waiting = new Bounded()
    this.#passed = this.#arrived = 0
    this.#touch()
  }

  hide(subjects) {
    this.#hidden = new Set(subjects)
    this.#touch()
  }

  /** The entries without those of hidden subjects. */
  get shown() {
    this.#shown ??= this.#hidden.size
      ? this.#kept.entries.filter(entry => !this.#hidden.has(entry.subject))
      : this.#kept.entries
    return this.#shown
  }

  /** The oldest message that is kept, hidden or not. */
  get oldest() {
    return this.#kept.entries.find(entry => entry.kind === 'message')
  }

  #touch() {
    this.#shown = undefined
    this.#changed()
  }
}
