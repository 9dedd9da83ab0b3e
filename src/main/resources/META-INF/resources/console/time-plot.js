// Numbers over time: the element <time-plot>, drawn by uPlot. It takes the size that its style gives it, and draws only
// while it can be seen. With the attribute `axes` it has a time axis, a value axis, and tells the value under the pointer.
import uPlot from '../webjars/uplot/dist/uPlot.esm.js'
import { clock, number } from './text.js'

const LEGEND = 24 // the height of the line that tells the value under the pointer
const DIGIT = 7 // the width of a character of an axis
const STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map(step => step * 10 ** (power - 1))).flat() // of the value axis: labels have one decimal

const visible = new Set()
const redraw = () => { for (const plot of visible) plot.redraw() }
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ['data-theme'] })

const resized = new ResizeObserver(entries => { for (const { target } of entries) target.resize() })
const seen = new IntersectionObserver(entries => { for (const { target, isIntersecting } of entries) target.show(isIntersecting) })

class TimePlot extends HTMLElement {
  #data = { times: [], values: [], span: 1 }
  #plot

  /** @param data {times, values, span}: times are milliseconds, the plot ends with the last of them and begins `span` before */
  set data(data) {
    this.#data = data
    if (!document.hidden) this.#plot?.setData([data.times, data.values])
  }

  connectedCallback() {
    seen.observe(this)
    resized.observe(this)
  }

  disconnectedCallback() {
    seen.unobserve(this)
    resized.unobserve(this)
    this.show(false)
  }

  show(inView) {
    inView &&= this.isConnected
    if (inView === visible.has(this)) return
    if (inView) {
      visible.add(this)
      this.#plot = new uPlot(this.#options(), [this.#data.times, this.#data.values], this)
    } else {
      visible.delete(this)
      this.#plot.destroy()
      this.#plot = undefined
    }
  }

  resize() {
    this.#plot?.setSize(this.#size)
  }

  redraw() {
    this.#plot.redraw()
  }

  get #axes() {
    return this.hasAttribute('axes')
  }

  get #size() {
    return { width: this.clientWidth, height: this.clientHeight - (this.#axes ? LEGEND : 0) }
  }

  #options() {
    const axes = this.#axes
    const colour = () => getComputedStyle(this).color
    const axis = { show: axes, stroke: () => colourOf(this, 'color'), grid: { stroke: () => colourOf(this, 'borderTopColor'), width: 1 }, ticks: { show: false } }
    return {
      ...this.#size,
      ms: 1,
      padding: axes ? [8, 12, 0, 0] : [2, 0, 0, 0],
      legend: { show: axes, markers: { show: false } },
      cursor: { show: axes, y: false, drag: { x: false, y: false }, points: { size: 7, fill: colour } },
      scales: {
        x: { range: () => [this.#end - this.#data.span, this.#end] },
        y: { range: (_, least, most) => axes ? uPlot.rangeNum(0, most || 1, .1, true) : [0, most || 1] },
      },
      axes: [
        { ...axis, space: 44, incrs: [60_000], size: 26, values: (_, times) => times.map(time => clock(time).slice(0, 5)) },
        { ...axis, space: 28, incrs: STEPS, size: (_, labels) => 14 + DIGIT * Math.max(3, ...(labels ?? []).map(({ length }) => length)), values: (_, values) => values.map(decimal) },
      ],
      series: [
        { label: 'At', value: (_, time) => time ? clock(time).slice(0, 8) : '' },
        { label: this.dataset.unit, stroke: colour, fill: () => `color-mix(in srgb, ${colour()} 30%, transparent)`, width: 1.5,
          points: { show: false }, value: (_, value) => value === null || value === undefined ? '' : decimal(value) },
      ],
    }
  }

  get #end() {
    return this.#data.times.at(-1) ?? Date.now()
  }
}

// The colours of an axis are those of the box that uPlot makes: a canvas knows no variables of a style sheet.
const colourOf = (plot, property) => getComputedStyle(plot.firstElementChild ?? plot)[property]

/** A number with one decimal if it is small. */
export const decimal = value => number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))

customElements.define('time-plot', TimePlot)
