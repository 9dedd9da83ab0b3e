// What was read in the last minutes: of a stream its rate comes from two readings, and from all of them its plot; of a
// consumer what is pending.
const SPAN_MS = 300_000
const OLD_MS = 10_000 // after which a rate is one of the past

/** A number that goes up and down. */
export class Levels {
  #all = []

  add(value, time = Date.now()) {
    this.#all.push({ value, time })
    while (this.#all[0].time < time - SPAN_MS) this.#all.shift()
  }

  clear() {
    this.#all = []
  }

  get last() {
    return this.#all.at(-1)
  }

  /** The largest one. */
  get most() {
    return Math.max(0, ...this.#all.map(({ value }) => value))
  }

  get plot() {
    return { times: this.#all.map(({ time }) => time), values: this.#all.map(({ value }) => value), span: SPAN_MS }
  }
}

/** The rates of a stream, each from two readings. */
export class Readings extends Levels {
  #before

  /** @param sequence the last sequence of the stream; a lower one is another stream of the same name */
  add(sequence, time = Date.now()) {
    const before = this.#before
    this.#before = { sequence, time }
    if (!before || sequence < before.sequence || before.time < time - SPAN_MS) this.clear()
    else super.add((sequence - before.sequence) * 1_000 / Math.max(1, time - before.time), time)
  }

  /** Messages per second between the last two readings; undefined before there are two, and when they are old. */
  get rate() {
    return this.last && Date.now() - this.last.time <= OLD_MS ? this.last.value : undefined
  }
}
