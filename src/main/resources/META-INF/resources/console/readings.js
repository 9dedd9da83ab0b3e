// What was read in the last minutes: of a stream its rate comes from two readings, and from all of them its plot; of a
// consumer what is pending.
const SPAN_MS = 300_000
const OLD_MS = 10_000 // after which a rate is one of the past

export class Readings {
  #all = []

  /** @param sequence the last sequence of the stream; a lower one is another stream of the same name */
  add(sequence, time = Date.now()) {
    if (this.#all.length && sequence < this.#all.at(-1).sequence) this.#all = []
    this.#all.push({ sequence, time })
    while (this.#all[0].time < time - SPAN_MS) this.#all.shift()
  }

  /** Messages per second between the last two readings; undefined before there are two, and when they are old. */
  get rate() {
    return this.#all.length < 2 || Date.now() - this.#all.at(-1).time > OLD_MS ? undefined : between(this.#all.at(-2), this.#all.at(-1))
  }

  /** The largest rate. */
  get most() {
    return Math.max(0, ...this.plot.values)
  }

  /** The rates for a plot. */
  get plot() {
    const later = this.#all.slice(1)
    return {
      times: later.map(({ time }) => time), values: later.map((reading, index) => between(this.#all[index], reading)), span: SPAN_MS,
    }
  }
}

/** A number that goes up and down. */
export class Levels {
  #all = []

  add(value, time = Date.now()) {
    this.#all.push({ value, time })
    while (this.#all[0].time < time - SPAN_MS) this.#all.shift()
  }

  /** The largest one. */
  get most() {
    return Math.max(0, ...this.plot.values)
  }

  get plot() {
    return { times: this.#all.map(({ time }) => time), values: this.#all.map(({ value }) => value), span: SPAN_MS }
  }
}

function between(before, after) {
  return (after.sequence - before.sequence) * 1_000 / Math.max(1, after.time - before.time)
}
