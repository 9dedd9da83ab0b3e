// What was read of a stream in the last minutes: its rate comes from two readings, and from all of them its plot.
const SPAN_MS = 300_000

export class Readings {
  #all = []

  /** @param sequence the last sequence of the stream; a lower one is another stream of the same name */
  add(sequence, time = Date.now()) {
    if (this.#all.length && sequence < this.#all.at(-1).sequence) this.#all = []
    this.#all.push({ sequence, time })
    while (this.#all[0].time < time - SPAN_MS) this.#all.shift()
  }

  /** Messages per second between the last two readings; undefined before there are two. */
  get rate() {
    return this.#all.length < 2 ? undefined : between(this.#all.at(-2), this.#all.at(-1))
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

function between(before, after) {
  return (after.sequence - before.sequence) * 1_000 / Math.max(1, after.time - before.time)
}
