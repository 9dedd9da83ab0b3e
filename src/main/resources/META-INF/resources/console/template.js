// Templates, by lit-html: rendered again, they change only what differs, so focus, selection and scrolling stay. What is put
// into a template is text or another template, never markup.
import { html, nothing, render } from '../_static/lit-html/lit-html.js'
import { repeat } from '../_static/lit-html/directives/repeat.js'

export { html, nothing, render, repeat }

/** What a template makes, for a place that is not rendered again. */
export function made(template) {
  const parts = document.createDocumentFragment()
  render(template, parts)
  return parts
}
