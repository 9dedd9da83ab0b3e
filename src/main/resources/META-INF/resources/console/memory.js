// Named things that this browser remembers, at most MOST of a kind.
const MOST = 50

export class Memory {
  #key

  constructor(kind) {
    this.#key = `sluice.${kind}`
  }

  /** For each name its value, in the order in which they were kept. */
  get all() {
    try {
      return new Map(Object.entries(JSON.parse(localStorage.getItem(this.#key)) ?? {}))
    } catch {
      return new Map()
    }
  }

  keep(name, value) {
    const all = this.all
    all.delete(name)
    all.set(name, value)
    this.#write([...all].slice(-MOST))
  }

  forget(name) {
    this.#write([...this.all].filter(([other]) => other !== name))
  }

  #write(entries) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(Object.fromEntries(entries)))
    } catch {
      // Without storage, or with a full one, nothing is remembered.
    }
  }
}
