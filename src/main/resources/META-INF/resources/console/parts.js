// Parts that every view is made of.
import { copy } from './clipboard.js'
import { Unreachable } from './http.js'
import { withheld } from './permissions.js'
import { html, nothing, repeat } from './template.js'
import { element, number, relative, visible } from './text.js'

const AGO_MS = 10_000 // after which it is told again how long ago something was

/**
 * A button.
 *
 * @param act called with the event
 * @param kind the class
 * @param needs the permission without which it is not shown, as of `withheld`
 * @param name what it is called, if the label does not say it
 * @param disabled whether it cannot be pressed now
 */
export const button = (label, act, { kind, needs, name, disabled = false } = {}) => html`<button type="button" class=${kind ?? nothing}
  aria-label=${name ?? nothing} data-needs=${needs ?? nothing} ?data-withheld=${withheld(needs)} ?disabled=${disabled} @click=${act}>${label}</button>`

/** A button that copies what `make` returns, if it returns a text, and says whether it could. */
export function copyButton(label, make, kind) {
  const pressed = async ({ currentTarget: { firstElementChild: shown } }) => {
    const text = make()
    if (text === undefined) return
    shown.textContent = await copy(text) ? 'Copied' : 'Not allowed'
    setTimeout(() => { shown.textContent = label }, 1_200)
  }
  return button(html`<span .textContent=${label}></span>`, pressed, { kind })
}

/** A link to a view, or within one. */
export const link = (label, parameters, { kind, needs, current = false, hash = '' } = {}) => html`<a class=${kind ?? nothing}
  href=${address(parameters) + hash} aria-current=${current ? 'true' : nothing} data-needs=${needs ?? nothing}
  ?data-withheld=${withheld(needs)}>${label}</a>`

/** Whether a click on a link is one for this tab. */
export const here = ({ button, ctrlKey, metaKey, shiftKey }) => !(button || ctrlKey || metaKey || shiftKey)

export const address = parameters => `?${new URLSearchParams(parameters)}`

/** A list of names and values. A value that is undefined is left out. */
export const facts = values => html`<dl class="facts">${values.filter(([, value]) => value !== undefined)
  .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`

/** How long ago a time was, also while it is shown. */
export const ago = time => html`<time-ago .time=${time}></time-ago>`

class TimeAgo extends HTMLElement {
  #time
  #telling

  set time(time) {
    this.#time = time
    this.#tell()
  }

  connectedCallback() {
    this.#telling = setInterval(() => this.#tell(), AGO_MS)
  }

  disconnectedCallback() {
    clearInterval(this.#telling)
  }

  #tell() {
    this.textContent = relative(new Date(this.#time))
  }
}

customElements.define('time-ago', TimeAgo)

/** The facts of headers, or of other names that each have several values. */
export const named = headers => Object.entries(headers ?? {}).flatMap(([name, values]) => [values].flat().map(value => [visible(name), visible(value)]))

/**
 * A table.
 *
 * @param columns [heading, kind]; the kind `number` aligns to the right
 * @param key tells the items apart
 * @param cells makes the cells of an item
 */
export const table = (caption, columns, items, key, cells) => html`<div class="table"><table>
  <caption class="unseen-label">${caption}</caption>
  <thead><tr>${columns.map(([heading, kind]) => html`<th scope="col" class=${kind ?? nothing}>${heading}</th>`)}</tr></thead>
  <tbody>${repeat(items, key, item => html`<tr>${cells(item).map((cell, index) =>
    html`<td class=${columns[index][1] ?? nothing} data-heading=${columns[index][0]}>${cell}</td>`)}</tr>`)}</tbody></table></div>`

/** The heading of a view, with what can be done there. */
export const heading = (trail, ...actions) => html`<div class="heading"><h2>${trail.map(([label, parameters], index) =>
  index < trail.length - 1 ? html`<span class="up">${link(label, parameters)} / </span>` : visible(label))}</h2>
  <span class="gap"></span>${actions}</div>`

/**
 * Why something is not here, plainly.
 *
 * @param again reads it again; undefined if that happens by itself
 */
export function problemNote(failure, again) {
  const { problem, message } = failure
  const text = problem?.detail ?? (problem ? '' : message)
  const title = problem?.title ?? (failure instanceof Unreachable ? 'Sluice cannot be reached' : 'The page failed')
  return html`<div class="note bad" role="alert"><strong>${visible(title)}</strong>
    ${text ? html`<p>${visible(text)}</p>` : nothing}
    ${problem?.violations?.map(({ field: name, rule }) => html`<p>${visible(`${name} ${rule}`)}</p>`)}
    ${again ? button('Read again', again) : nothing}</div>`
}

/** That a listing goes on after `cut` entries; nothing if it does not. */
export const cutNote = (cut, names) => cut === undefined ? nothing : html`<p class="soft cut">Only the first ${number(cut)} ${names} are shown.</p>`

export const loading = html`<div class="loading">Loading …</div>`

/** Of a field: it must have a text with something to see. */
export const NOT_BLANK = { required: true, pattern: '.*\\S.*', title: 'Not only spaces' }

/** A field of a form with its label. It is an element, because it has a state of its own: what was typed. */
export function field(label, name, { type = 'text', value = '', hint, options, ...more } = {}) {
  const input = element(options ? 'select' : type === 'area' ? 'textarea' : 'input')
  input.name = name
  input.id = `field-${name}`
  if (options) input.append(...options.map(([key, text]) => new Option(text, key)))
  else if (type !== 'area') input.type = type
  input.value = value
  Object.assign(input, { autocomplete: 'off', spellcheck: false }, more)
  const text = element('label', '', label)
  text.htmlFor = input.id
  const field = element('div', 'field', text, input)
  if (hint) {
    const note = element('p', 'soft', hint)
    note.id = `${input.id}-hint`
    input.setAttribute('aria-describedby', note.id)
    field.append(note)
  }
  return field
}
