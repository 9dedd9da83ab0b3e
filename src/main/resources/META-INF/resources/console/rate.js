// Messages in each of the last seconds, as a number and as a plot.
import { decimal } from './time-plot.js'

const SECONDS = 60

export class RatePlot {
  #counts = new Array(SECONDS).fill(0)
  #current = 0
  #since = Date.now()
  #plot
  #label
  #live

  /** @param live returns whether the rate is known now */
  constructor(plot, label, live = () => true) {
    this.#plot = plot
    this.#label = label
    this.#live = live
    this.#draw()
    setInterval(() => this.#tick(), 1_000)
  }

  count() {
    this.#current++
  }

  // A page that is hidden, or slept, is called late: what came meanwhile is spread over the seconds that passed.
  #tick() {
    const seconds = Math.max(1, Math.round((Date.now() - this.#since) / 1_000))
    const passed = new Array(Math.min(SECONDS, seconds)).fill(this.#current / seconds)
    this.#counts = [...this.#counts, ...passed].slice(-SECONDS)
    this.#current = 0
    this.#since = Date.now()
    this.#draw()
  }

  #draw() {
    const now = Date.now()
    const times = this.#counts.map((_, second) => now - (SECONDS - 1 - second) * 1_000)
    this.#plot.data = { times, values: this.#counts, span: (SECONDS - 1) * 1_000 }
    this.#label.textContent = this.#live() ? `${decimal(this.#counts.at(-1))}/s` : '–'
  }
}
