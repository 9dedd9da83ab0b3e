// Looks for a text in what is shown. The filters of the form ask the server instead.
import { finder, number } from './text.js'

export class Find {
  #input
  #label
  #list
  #found

  /** @param found called with the entry that was gone to */
  constructor(box, list, found) {
    this.#input = box.querySelector('input')
    this.#label = box.querySelector('output')
    this.#list = list
    this.#found = found
    this.#input.oninput = () => {
      list.find = this.text
      list.redraw()
      this.#label.textContent = ''
    }
    this.#input.onkeydown = event => {
      if (event.key !== 'Enter') return
      event.preventDefault()
      this.go(event.shiftKey ? -1 : 1)
    }
    box.querySelector('.previous').onclick = () => this.go(-1)
    box.querySelector('.next').onclick = () => this.go(1)
  }

  get text() {
    return this.#input.value
  }

  focus() {
    this.#input.focus()
    this.#input.select()
  }

  /** Goes to the match before (-1) or after (1) the selected entry, round the ends. Without one, to the last one, or from the top of the view on. */
  go(step) {
    const text = this.text
    if (!text) return
    const { entries, selected } = this.#list
    const found = finder(text)
    const matches = [...entries.keys()].filter(index => holds(entries[index], found))
    if (!matches.length) {
      this.#label.textContent = 'none'
      return
    }
    const chosen = entries.indexOf(selected)
    const at = chosen >= 0 ? chosen : step < 0 ? entries.length : this.#list.top - 0.5
    const place = step < 0 ? matches.findLastIndex(index => index < at) : matches.findIndex(index => index > at)
    const next = place >= 0 ? place : step < 0 ? matches.length - 1 : 0
    this.#label.textContent = `${number(next + 1)} of ${number(matches.length)}`
    this.#found(entries[matches[next]])
  }
}

const holds = ({ text, subject = '' }, found) => text.search(found) >= 0 || subject.search(found) >= 0
