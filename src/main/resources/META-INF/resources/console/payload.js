// A payload in its forms: JSON as a tree that folds, text, and bytes.
import { bytes } from './entry.js'
import { hex } from './hex.js'
import { composite, parsed, tree } from './json.js'
import { button } from './parts.js'
import { html, nothing, render } from './template.js'
import { element, number, shortened } from './text.js'

const HEX_BYTES = 64 * 1024 // shown at first

let preferred

/** An element with the choice of a form, and the payload of an entry in it. The form that a person chose last is kept. */
export function payload(entry) {
  const forms = { Text: () => html`<pre class="payload">${shortened(plain(entry))}</pre>`, Hex: () => hexView(bytes(entry)) }
  // Only objects and arrays: a number or a word needs no tree.
  const value = entry.base64 === undefined ? parsed(entry.text) : undefined
  const offered = composite(value) ? { JSON: () => html`<div class="payload">${tree(value)}</div>`, ...forms } : forms
  const names = Object.keys(offered)
  const place = element('div', 'in-forms')
  const choose = chosen => render(html`<div class="tabs" role="group" aria-label="Form of the payload">${names.map(name =>
    html`<button type="button" aria-pressed=${name === chosen} @click=${() => {
      preferred = name
      choose(name)
    }}>${name}</button>`)}</div><div class="form">${offered[chosen]()}</div>`, place)
  choose(names.includes(preferred) ? preferred : entry.base64 === undefined ? names[0] : 'Hex')
  return place
}

function plain(entry) {
  return entry.base64 === undefined ? entry.text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes(entry))
}

function hexView(all) {
  const place = element('div')
  const show = count => render(html`<pre class="payload hex">${hex(all.subarray(0, count))}</pre>${count < all.length
    ? button(`Show all ${number(all.length)} bytes`, () => show(all.length)) : nothing}`, place)
  show(HEX_BYTES)
  return place
}
