// Messages in each of the last seconds, as a number and as an area.
import { area } from './plot.js'
import { number } from './text.js'

const SECONDS = 60

export class RatePlot {
  #counts = new Array(SECONDS).fill(0)
  #current = 0
  #path
  #label

  constructor(path, label) {
    this.#path = path
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
    const most = Math.max(1, ...this.#counts)
    const points = this.#counts.map((count, second) => [second / (SECONDS - 1), count / most])
    this.#path.setAttribute('d', area(points, SECONDS - 1, 20))
    this.#label.textContent = `${number(this.#counts.at(-1))}/s`
  }
}
