// Messages in each of the last seconds, as a number and as a plot.
import { number } from './text.js'
import './time-plot.js'

const SECONDS = 60

export class RatePlot {
  #counts = new Array(SECONDS).fill(0)
  #current = 0
  #plot
  #label

  constructor(plot, label) {
    this.#plot = plot
    this.#label = label
    this.#draw()
    setInterval(() => this.#tick(), 1_000)
  }

  count() {
    this.#current++
  }

  #tick() {
    this.#counts.shift()
    this.#counts.push(this.#current)
    this.#current = 0
    this.#draw()
  }

  #draw() {
    const now = Date.now()
    const times = this.#counts.map((_, second) => now - (SECONDS - 1 - second) * 1_000)
    this.#plot.data = { times, values: this.#counts, span: (SECONDS - 1) * 1_000 }
    this.#label.textContent = `${number(this.#counts.at(-1))}/s`
  }
}
