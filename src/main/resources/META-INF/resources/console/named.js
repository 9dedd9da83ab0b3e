// Views of the tail that have a name, and the last ones that were searched for, kept by this browser.
import { ask } from './dialog.js'
import { Memory } from './memory.js'
import { NOT_BLANK, button, field } from './parts.js'
import { html, render, repeat } from './template.js'

const RECENT = 5
const CHARACTERS = 100 // of the label of a recent view

export class NamedViews {
  #memory = new Memory('views')
  #recent = new Memory('recent', RECENT)
  #list
  #last
  #search

  /** @param search returns the query part of the address of the present view */
  constructor(box, search) {
    this.#list = box.querySelector('ul')
    this.#last = box.querySelector('.recent')
    this.#search = search
    box.querySelector('button').onclick = () => this.#name()
    this.#show()
  }

  /** Remembers the present view as the last one. A browser without storage does without. */
  searched() {
    const search = this.#search()
    if (!search) return
    try {
      this.#recent.keep(label(search), search)
    } catch {
      return
    }
    this.#show()
  }

  #show() {
    const forget = name => {
      this.#memory.forget(name)
      this.#show()
    }
    render(repeat(this.#memory.all, ([name]) => name, ([name, search]) => html`<li><a href=${search || './'}>${name}</a>${
      button('×', () => forget(name), { name: `Forget ${name}` })}</li>`), this.#list)
    const recent = [...this.#recent.all].reverse()
    this.#last.hidden = !recent.length
    render(recent.map(([name, search]) => html`<li><a href=${search}>${name}</a></li>`), this.#last.querySelector('ul'))
  }

  async #name() {
    const done = await ask({
      title: 'Name this view',
      body: [html`<p>This browser remembers the subjects, the filters and the columns under the name.</p>`,
        field('Name', 'name', { ...NOT_BLANK, maxLength: 60 })],
      action: 'Remember',
      act: form => this.#memory.keep(form.get('name').trim(), this.#search()),
    })
    if (done) this.#show()
  }
}

function label(search) {
  const text = [...new URLSearchParams(search)].map(([name, value]) => `${name}=${value}`).join(' ')
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)} …` : text
}
