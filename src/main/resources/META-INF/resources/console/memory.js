// Named things that this browser remembers: of each kind the last ones.
import { Problem } from './http.js'

const MOST = 50
const FULL = { title: 'This browser remembers nothing more', detail: 'Its storage for this page is full, or is not allowed' }

export class Memory {
  #key
  #most

  constructor(kind, most = MOST) {
    this.#key = `sluice.${kind}`
    this.#most = most
  }

  /** For each name its value, in the order in which they were kept. */
  get all() {
    try {
      return new Map(Object.entries(JSON.parse(localStorage.getItem(this.#key)) ?? {}))
    } catch {
      return new Map()
    }
  }

  /** @throws Problem if the browser has no storage, or no room in it; then what was remembered before remains */
  keep(name, value) {
    const all = this.all
    all.delete(name)
    all.set(name, value)
    if (!this.#write([...all].slice(-this.#most))) throw new Problem(FULL)
  }

  forget(name) {
    this.#write([...this.all].filter(([other]) => other !== name))
  }

  #write(entries) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(Object.fromEntries(entries)))
      return true
    } catch {
      return false
    }
  }
}
