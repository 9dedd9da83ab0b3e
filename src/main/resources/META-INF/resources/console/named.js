// Views of the tail that have a name, kept by this browser.
import { ask } from './dialog.js'
import { Memory } from './memory.js'
import { button, field } from './parts.js'
import { html, render, repeat } from './template.js'

export class NamedViews {
  #memory = new Memory('views')
  #list
  #search

  /** @param search returns the query part of the address of the present view */
  constructor(box, search) {
    this.#list = box.querySelector('ul')
    this.#search = search
    box.querySelector('button').onclick = () => this.#name()
    this.#show()
  }

  #show() {
    const forget = name => {
      this.#memory.forget(name)
      this.#show()
    }
    render(repeat(this.#memory.all, ([name]) => name, ([name, search]) => html`<li><a href=${search || './'}>${name}</a>${
      button('×', () => forget(name), { name: `Forget ${name}` })}</li>`), this.#list)
  }

  async #name() {
    const done = await ask({
      title: 'Name this view',
      body: [html`<p>This browser remembers the subjects, the filters and the columns under the name.</p>`,
        field('Name', 'name', { required: true, maxLength: 60 })],
      action: 'Remember',
      act: form => this.#memory.keep(form.get('name').trim(), this.#search()),
    })
    if (done) this.#show()
  }
}
